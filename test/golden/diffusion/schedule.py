"""Noise schedules and posterior coefficients by the published formulas (Ho et al. 2020, equations 4-7; Nichol & Dhariwal 2021, equation 17),
with the clipping at 0.999 of the public implementations (openai/guided-diffusion, yandex-research/tab-ddpm). numpy 2.x.
    python schedule.py > schedule.json
"""
import json
import numpy as np
from schedule_values import betas


out = []
for name, T in [('linear', 1000), ('cosine', 1000), ('cosine', 100)]:
    b = betas(name, T)
    a = np.cumprod(1 - b)
    p = np.append(1.0, a[:-1])
    at = [dict(t=t, beta=b[t], alphaBar=a[t], coef1=b[t] * np.sqrt(p[t]) / (1 - a[t]), coef2=(1 - p[t]) * np.sqrt(1 - b[t]) / (1 - a[t]), variance=b[t] * (1 - p[t]) / (1 - a[t]))
          for t in [0, 1, 2, T // 4, T // 2, T - 2, T - 1]]
    out.append(dict(name=name, steps=T, at=at))
print(json.dumps(out, indent=1))
