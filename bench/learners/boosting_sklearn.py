import sys,time,numpy as np,pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier as C, HistGradientBoostingRegressor as R
from sklearn.metrics import *
mode=sys.argv[1]
def read(p): return pd.read_csv(p,keep_default_na=False,na_values=[''])
tr=read(sys.argv[2]); ho=read(sys.argv[3]) if mode=='adult' else tr[:0]; out=sys.argv[4 if mode=='adult' else 3]
al=pd.concat([tr,ho],ignore_index=True)
cat=[]
X={}
for c in al.columns:
    if c==out: continue
    if al[c].dtype.kind in 'ifb': X[c]=al[c].astype(float)
    else:
        labels=sorted(set(al[c].dropna())); X[c]=al[c].map({l:min(i,254) for i,l in enumerate(labels)}).astype(float); cat.append(c)
X=pd.DataFrame(X)
y=al[out]
if y.dtype.kind not in 'ifb': y=y.map({l:i for i,l in enumerate(sorted(set(y)))})
y=y.to_numpy(float)
reg=len(set(y))>20
if not reg: y=(y==y.max()).astype(int)
n=len(al); order=list(range(n))
if mode=='split':
    s=12345
    for i in range(n-1,0,-1):
        s=(s*1103515245+12345)%2147483648; j=s%(i+1); order[i],order[j]=order[j],order[i]
cut=len(tr) if mode=='adult' else int(n*.8)
a,b=order[:cut],order[cut:]
for es in (False,'auto'):
  for rep in range(3 if es else 1):
    m=(R if reg else C)(early_stopping=es,random_state=rep,categorical_features=[X.columns.get_loc(c) for c in cat])
    t=time.time(); m.fit(X.iloc[a].to_numpy(),y[a]); t=time.time()-t
    if reg: print(es,m.n_iter_,round(t,2),'r2',round(r2_score(y[b],m.predict(X.iloc[b].to_numpy())),6))
    else:
        p=m.predict_proba(X.iloc[b].to_numpy())[:,1]; print(es,m.n_iter_,round(t,2),'auc',round(roc_auc_score(y[b],p),6),'ll',round(log_loss(y[b],p),6))
