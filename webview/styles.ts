/** The report's one style sheet: tokens for light, dark, high contrast, VS Code and print; then layout. */

/* Contrast of text tokens on their grounds is at least 4.5:1; check with axe in a browser after changing one. */
const tokens = {
  light: `--u-bg:#fff;--u-surface:#fff;--u-soft:#f6f7f9;--u-text:#18202b;--u-muted:#566171;--u-border:#e2e6eb;--u-border-strong:#b9c1cc;--u-grid:#eceff3;--u-tip:#fff;
    --u-real:#c8ced7;--u-real-line:#6d7785;--u-syn:#0a60d0;--u-syn-fill:rgba(10,96,208,.10);--u-hold:#b9540a;
    --u-good:#0a7150;--u-fair:#8a5a00;--u-poor:#b42318;--u-undecided:#5646b0;--u-na:#566171;--u-on-mark:#fff;--u-other:#7a2fa3;
    --u-band-good:#dcf1e7;--u-band-fair:#fbefcf;--u-band-poor:#fbe1dd;--u-link:#0a58c2;--u-focus:#0a60d0;color-scheme:light`,
  dark: `--u-bg:#12161c;--u-surface:#181d25;--u-soft:#1d232c;--u-text:#e5e9ef;--u-muted:#9ba6b5;--u-border:#2a313c;--u-border-strong:#4a5565;--u-grid:#262d37;--u-tip:#222a35;
    --u-real:#4c5664;--u-real-line:#93a0b1;--u-syn:#6bb1ff;--u-syn-fill:rgba(107,177,255,.14);--u-hold:#ffa35c;
    --u-good:#4fcb93;--u-fair:#e6b84c;--u-poor:#ff8f80;--u-undecided:#b7abff;--u-na:#9ba6b5;--u-on-mark:#12161c;--u-other:#d59bff;
    --u-band-good:#17382c;--u-band-fair:#3b3216;--u-band-poor:#43221f;--u-link:#7cbaff;--u-focus:#6bb1ff;color-scheme:dark`,
  hcLight: `--u-bg:#fff;--u-surface:#fff;--u-soft:#fff;--u-text:#000;--u-muted:#222;--u-border:#000;--u-border-strong:#000;--u-grid:#aaa;--u-real:#9aa2ad;--u-real-line:#333;--u-syn:#003c9e;--u-hold:#8a3200;
    --u-good:#00513a;--u-fair:#5c3b00;--u-poor:#8f0d05;--u-undecided:#352685;--u-na:#222;--u-other:#5a0f80;--u-link:#003c9e;--u-focus:#003c9e`,
  hcDark: `--u-bg:#000;--u-surface:#000;--u-soft:#000;--u-text:#fff;--u-muted:#e0e0e0;--u-border:#fff;--u-border-strong:#fff;--u-grid:#555;--u-real:#7b8593;--u-real-line:#ccc;--u-syn:#8cc6ff;--u-hold:#ffb978;--u-tip:#000;
    --u-good:#7df0bb;--u-fair:#ffd97a;--u-poor:#ffb3a8;--u-undecided:#d3cbff;--u-na:#e0e0e0;--u-on-mark:#000;--u-other:#e6bfff;--u-link:#a5d3ff;--u-focus:#ffd97a`,
};

export const css = `
:root{${tokens.light}}
@media (prefers-color-scheme:dark){:root:not([data-theme]){${tokens.dark}}}
:root[data-theme=dark],:root[data-theme=hc-dark]{${tokens.dark}}
:root[data-theme=hc-light]{${tokens.hcLight}}
:root[data-theme=hc-dark]{${tokens.hcDark}}
/* In the editor the page takes the editor's ground and type; the data keep their own, tested colours. */
body[class*=vscode-]{--u-bg:var(--vscode-editor-background);--u-surface:var(--vscode-editor-background);--u-text:var(--vscode-editor-foreground,var(--vscode-foreground));--u-link:var(--vscode-textLink-foreground);--u-focus:var(--vscode-focusBorder);--u-soft:color-mix(in srgb,var(--vscode-foreground) 5%,var(--vscode-editor-background));padding:0}
/* The high contrast themes leave these out, and the widgets' own defaults are for dark pages. */
body.vscode-high-contrast,body.vscode-high-contrast-light{--vscode-button-secondaryBackground:var(--vscode-editor-background);--vscode-button-secondaryForeground:var(--vscode-foreground);--vscode-button-secondaryHoverBackground:var(--vscode-editor-background);--vscode-list-hoverBackground:var(--vscode-editor-background);--vscode-list-hoverForeground:var(--vscode-foreground);--vscode-list-activeSelectionBackground:var(--vscode-foreground);--vscode-list-activeSelectionForeground:var(--vscode-editor-background);--u-soft:var(--vscode-editor-background);--u-border:var(--vscode-contrastBorder);--u-border-strong:var(--vscode-contrastBorder)}

/* Outside the editor its widgets know no theme: they take ours. */
:root[data-host=browser]{--vscode-foreground:var(--u-text);--vscode-focusBorder:var(--u-focus);--vscode-settings-textInputBackground:var(--u-surface);--vscode-settings-textInputForeground:var(--u-text);--vscode-settings-textInputBorder:var(--u-border-strong);--vscode-input-placeholderForeground:var(--u-muted);
  --vscode-settings-dropdownBackground:var(--u-surface);--vscode-settings-dropdownForeground:var(--u-text);--vscode-settings-dropdownBorder:var(--u-border-strong);--vscode-settings-dropdownListBorder:var(--u-border-strong);--vscode-list-hoverBackground:var(--u-soft);--vscode-list-hoverForeground:var(--u-text);
  --vscode-list-activeSelectionBackground:var(--u-syn);--vscode-list-activeSelectionForeground:var(--u-on-mark);--vscode-list-focusOutline:var(--u-focus);--vscode-list-highlightForeground:var(--u-link);--vscode-list-focusHighlightForeground:var(--u-on-mark);
  --vscode-button-background:var(--u-syn);--vscode-button-foreground:var(--u-on-mark);--vscode-button-hoverBackground:var(--u-link);--vscode-button-secondaryBackground:var(--u-soft);--vscode-button-secondaryForeground:var(--u-text);--vscode-button-secondaryHoverBackground:var(--u-border);--vscode-button-border:var(--u-border-strong);
  --vscode-checkbox-background:var(--u-surface);--vscode-checkbox-foreground:var(--u-text);--vscode-checkbox-border:var(--u-border-strong);--vscode-widget-shadow:rgba(0,0,0,.25);--vscode-toolbar-hoverBackground:var(--u-soft);--vscode-font-size:13px;--vscode-font-weight:normal}

*,*::before,*::after{box-sizing:border-box}
html{scroll-padding-top:52px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--u-bg);color:var(--u-text);font:14px/1.5 var(--vscode-font-family,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif);font-variant-numeric:tabular-nums}
understudy-app,understudy-report,understudy-comparison,understudy-live,understudy-laboratory,u-columns,u-figure,u-picture,u-heatmaps,u-pairs,u-pair,u-pair-table{display:block}
.u-page{max-width:1320px;margin:0 auto;padding:28px clamp(14px,3vw,36px) 72px}
h1,h2,h3,p,ul,dl,dd,figure{margin:0;padding:0}
ul{list-style:none}
h1{font-size:24px;line-height:1.25;font-weight:650;letter-spacing:-.012em;overflow-wrap:anywhere;text-wrap:balance}
section>h2{font-size:18px;font-weight:650;letter-spacing:-.008em;margin:44px 0 12px;outline-offset:4px}
h3{font-size:14px;font-weight:600}
.u-muted{color:var(--u-muted)} .u-small{font-size:12px}
.u-num,td.u-num{text-align:right;font-variant-numeric:tabular-nums}
.u-facts .u-num{text-align:left}
.u-hidden{position:absolute!important;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.u-lead{color:var(--u-muted);max-width:78ch;margin:0 0 12px}
.u-none{color:var(--u-muted);border:1px dashed var(--u-border-strong);border-radius:6px;padding:8px 12px;font-size:13px}
.u-none-tall{min-height:150px;display:flex;align-items:center;justify-content:center;text-align:center;text-wrap:balance}
:focus-visible{outline:2px solid var(--u-focus);outline-offset:2px;border-radius:3px}
a,.u-link{color:var(--u-link)}
button,input,select{font:inherit;color:inherit}
.u-link{background:none;border:0;padding:0;cursor:pointer;text-decoration:underline;text-underline-offset:2px}
summary{cursor:pointer;color:var(--u-link);width:fit-content}

.u-title{display:flex;justify-content:space-between;align-items:flex-start;gap:16px} .u-title vscode-button{flex:none}
.u-head{margin-bottom:16px} .u-chips{display:none;flex-wrap:wrap;gap:4px 22px;margin-top:8px!important} .u-chips span{display:inline-flex;gap:6px;align-items:center}
.u-facts{display:flex;flex-wrap:wrap;gap:8px 28px;margin:20px 2px 0}
.u-facts dt{font-size:11.5px;color:var(--u-muted);line-height:1.3}
.u-facts dd{font-size:13.5px;overflow-wrap:anywhere}

.u-audience{display:flex;gap:10px;align-items:flex-start;margin:0 0 16px!important;padding:10px 14px!important;border:1px solid var(--u-border-strong);border-radius:8px;background:var(--u-soft);max-width:110ch} .u-audience .u-icon{margin-top:4px} .u-internal{border-color:var(--u-fair)} .u-internal .u-icon{color:var(--u-fair)}
.u-statement{font-size:16px;line-height:1.45;max-width:86ch;margin:0 0 12px}
.u-budget{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px;margin:0 0 14px} .u-budget svg{width:min(100%,420px);height:10px;border-radius:5px;border:1px solid var(--u-border-strong)}

.u-verdicts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:14px}
.u-verdict{border:1px solid var(--u-border);border-radius:10px;padding:14px 18px 14px;background:var(--u-surface);position:relative;overflow:hidden}
.u-verdict::before{content:"";position:absolute;inset:0 auto 0 0;width:4px;background:currentColor}
.u-verdict>*{color:var(--u-text)}
.u-verdict header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:flex-start;gap:2px 12px;margin-bottom:6px}
.u-verdict h2{font-size:15px;font-weight:650;display:flex;flex-direction:column;line-height:1.3}
.u-question{font-weight:400;font-size:12px;color:var(--u-muted)}
.u-verdict p{font-size:14.5px;line-height:1.5;text-wrap:pretty}
.u-strip{margin-top:10px} .u-strip b{color:var(--u-text)} .u-strip .u-saves{position:absolute;right:0;top:-20px;margin:0;background:var(--u-surface);border-radius:5px}
.u-verdict details{margin-top:8px;font-size:13px}
.u-verdict details ul{margin-top:6px}
.u-verdict li,.u-notes li{padding-left:14px;position:relative;margin:3px 0}
.u-verdict li::before,.u-notes li::before{content:"";position:absolute;left:2px;top:.62em;width:4px;height:4px;border-radius:50%;background:var(--u-muted)}
.u-mark{display:inline-flex;align-items:center;gap:6px;font-weight:600;font-size:13px;white-space:nowrap}
.u-icon{flex:none;display:block}
.u-good,.u-edge-good{color:var(--u-good)} .u-fair,.u-edge-fair{color:var(--u-fair)} .u-poor,.u-edge-poor{color:var(--u-poor)} .u-undecided,.u-edge-undecided{color:var(--u-undecided)} .u-not-assessable,.u-edge-not-assessable{color:var(--u-na)}
.u-verdict .u-mark.u-good{color:var(--u-good)} .u-verdict .u-mark.u-fair{color:var(--u-fair)} .u-verdict .u-mark.u-poor{color:var(--u-poor)} .u-verdict .u-mark.u-undecided{color:var(--u-undecided)} .u-verdict .u-mark.u-not-assessable{color:var(--u-na)}

.u-next{margin-top:16px;border:1px solid var(--u-border);border-radius:10px;padding:14px 18px 6px;background:var(--u-soft)}
.u-next>h2{font-size:15px;font-weight:650;margin:0!important}
.u-next ol{list-style:none;margin:6px 0 0;padding:0}
.u-next li{display:flex;justify-content:space-between;align-items:flex-start;gap:8px 24px;padding:9px 0;border-top:1px solid var(--u-border)}
.u-next li:first-child{border-top:0} .u-next li>div{min-width:0} .u-next vscode-button{flex:none;margin-top:2px}
.u-next p{max-width:86ch;font-size:13.5px}
.u-terminal{display:flex;gap:6px;align-items:flex-start;color:var(--u-muted);margin-top:3px!important} .u-terminal .u-icon{margin-top:4px} .u-terminal code>span{display:inline-block;max-width:100%}
code{font:12.5px/1.6 var(--vscode-editor-font-family,ui-monospace,SFMono-Regular,Menlo,Consolas,monospace);color:var(--u-text);overflow-wrap:anywhere;user-select:all;background:none;padding:0}

.u-nav{position:sticky;top:0;z-index:5;display:flex;gap:2px 20px;overflow-x:auto;background:var(--u-bg);border-bottom:1px solid var(--u-border);margin-top:22px;padding:0 2px;scrollbar-width:none}
.u-nav a{padding:10px 0 9px;color:var(--u-muted);text-decoration:none;white-space:nowrap;font-size:13px}
.u-nav a:hover{color:var(--u-text);box-shadow:inset 0 -2px var(--u-syn)}
.u-nav a:focus-visible{outline-offset:-2px}

.u-tools{display:flex;flex-wrap:wrap;align-items:center;gap:8px 16px;margin:0 0 14px;font-size:13px}
.u-field{display:inline-flex;align-items:center;gap:6px;color:var(--u-muted)}
.u-field vscode-single-select{width:auto;min-width:130px;max-width:230px} .u-search{width:190px}
.u-check{display:inline-flex;align-items:center;gap:6px;margin-left:auto;cursor:pointer} .u-plain{margin-left:0}
.u-legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;color:var(--u-muted)}
.u-legend li{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
.u-legend svg{flex:none}
.u-tools>.u-legend:not(:first-child){margin-left:auto}
.u-tools>.u-save{margin-left:auto} .u-tools>.u-legend:not(:first-child)+.u-save{margin-left:0}

.u-save{display:inline-flex;align-items:center;gap:4px;background:none;border:1px solid transparent;border-radius:5px;padding:1px 6px;font-size:11px;line-height:18px;color:var(--u-muted);cursor:pointer}
.u-save:hover{color:var(--u-text);border-color:var(--u-border-strong);background:var(--u-surface)}
.u-solid{border-color:var(--u-border-strong);font-size:12.5px;line-height:24px;padding:1px 10px;color:var(--u-text);border-radius:6px}
.u-saves{display:flex;justify-content:flex-end;gap:2px;margin-top:2px}
u-picture{position:relative}
.u-drawing{width:100%}
.u-plot{display:block;max-width:100%;height:auto;overflow:visible;--plot-background:var(--u-surface)}
.u-plot text{white-space:pre}
@media (hover:hover){u-picture .u-saves,figure .u-saves{opacity:0;transition:opacity .12s}u-picture:hover .u-saves,u-picture:focus-within .u-saves,figure:hover .u-saves,figure:focus-within .u-saves,.u-card:hover .u-saves{opacity:1}}

.u-family{margin:18px 0 0;padding:0 0 6px;border-bottom:1px solid var(--u-border);font-size:12.5px;color:var(--u-muted);font-weight:600}
.u-figures>li{border-bottom:1px solid var(--u-border)}
u-figure{display:grid;grid-template-columns:minmax(170px,1.15fr) minmax(260px,3fr) 132px 128px 28px;gap:2px 20px;align-items:center;padding:9px 0 5px}
.u-fig-title{display:block;font-weight:550;line-height:1.35}
.u-fig-name .u-mark{font-size:12px;font-weight:550} .u-fig-name .u-icon{width:13px;height:13px}
.u-fig-value b{font-size:19px;font-weight:600;letter-spacing:-.01em;display:block;line-height:1.2}
.u-fig-value,.u-fig-reference{text-align:right;font-size:12px;line-height:1.35}
.u-ref-value{display:block;font-size:15px;color:var(--u-hold);font-weight:550;line-height:1.45}
.u-fig-picture .u-saves{position:absolute;right:0;top:-14px;background:var(--u-bg);margin:0;border-radius:5px;opacity:0}
.u-fig-picture:hover .u-saves,.u-fig-picture:focus-within .u-saves{opacity:1}
.u-about{width:24px;height:24px;border-radius:50%;border:1px solid var(--u-border-strong);background:none;color:var(--u-muted);cursor:pointer;padding:0;line-height:1;font-size:12.5px;position:relative}
.u-about:hover{color:var(--u-text);border-color:var(--u-text)}
.u-fig-judged{color:var(--u-muted);font-size:12px;margin:2px 0 0;max-width:72ch} .u-fig-judged b{color:var(--u-text)}
.u-fig-about{grid-column:1/-1;background:var(--u-soft);border:1px solid var(--u-border);border-radius:8px;padding:12px 16px;margin:6px 0 8px;font-size:13px}
.u-fig-about>p{max-width:86ch;margin-bottom:8px}
.u-fig-about dl,.u-provenance{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px}
.u-fig-about dt,.u-provenance dt{color:var(--u-muted)} .u-fig-about dd,.u-provenance dd{overflow-wrap:anywhere}
[hidden]{display:none!important}

.u-grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,280px),1fr));gap:14px}
.u-card{border:1px solid var(--u-border);border-radius:10px;padding:12px 14px 8px;background:var(--u-surface);min-width:0;display:flex;flex-direction:column}
.u-card header{display:flex;align-items:baseline;gap:6px} .u-card header .u-mark{align-self:center} .u-card header .u-score{margin-left:auto} .u-card header .u-icon{width:14px;height:14px}
.u-pin{border:0;background:none;padding:2px;color:var(--u-muted);cursor:pointer;border-radius:4px;align-self:center;opacity:0} .u-card:hover .u-pin,.u-pin:focus-visible,.u-pin[aria-pressed=true]{opacity:1} .u-pin:hover{color:var(--u-text)} .u-pin[aria-pressed=true]{color:var(--u-syn)}
@media (hover:none){.u-pin{opacity:1}}
.u-pinned{border-color:var(--u-syn)}
.u-window{position:relative} .u-row{position:absolute;top:0;left:0;right:0}
.u-card h3{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.u-score{font-size:12px;white-space:nowrap} .u-score b{font-size:14px;font-weight:600}
.u-kind{font-size:12px;margin:1px 0 8px;display:flex;justify-content:space-between;gap:8px;white-space:nowrap} .u-modelled{overflow:hidden;text-overflow:ellipsis} .u-control{flex:none}
.u-tag{border:1px solid var(--u-border-strong);border-radius:4px;padding:0 5px;font-size:11px;margin-right:2px;color:var(--u-muted)}
.u-findings{font-size:12.5px;line-height:1.42;margin-top:2px}
.u-findings li{padding-left:10px;border-left:2px solid var(--u-border-strong);margin:4px 0}
.u-more{font-size:12px}
.u-warning{display:flex;gap:6px;font-size:12px;line-height:1.42;margin-top:6px} .u-warning .u-icon{color:var(--u-fair);margin-top:2px}
.u-extra{font-size:11.5px;margin-top:auto;padding-top:6px}

.u-readout{min-height:24px;margin-bottom:8px;font-size:13px}
.u-maps{display:flex;flex-direction:column;gap:22px}
.u-side .u-maps{flex-direction:row;justify-content:space-between;gap:20px}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:2px 10px;margin-bottom:6px;font-size:12.5px;min-height:20px}
figure figcaption{padding-left:var(--u-map-left,0)}
.u-map-title{font-weight:600}
.u-scale{display:inline-flex;gap:5px;align-items:center;font-size:11px;color:var(--u-muted)}
.u-scale svg{border-radius:2px}
.u-map{position:relative;cursor:crosshair;color:var(--u-muted)}
.u-map canvas{position:absolute;image-rendering:pixelated}
.u-map svg{position:relative}
.u-cursor{position:absolute;pointer-events:none;box-shadow:0 0 0 1.5px var(--u-text),0 0 0 3px var(--u-bg)}
.u-chosen{box-shadow:0 0 0 2px var(--u-syn),0 0 0 3.5px var(--u-bg)}
.u-pair{margin-top:14px} .u-pair header{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 16px;margin-bottom:10px} .u-pair h3{overflow-wrap:anywhere} .u-step{margin-left:auto;display:inline-flex;gap:6px}
.u-sub{margin:26px 0 10px;font-size:15px}
.u-pairs-table{border:1px solid var(--u-border);border-radius:8px;font-size:13px;overflow:hidden;margin-bottom:6px}
.u-pairs-row{display:grid;grid-template-columns:minmax(0,1fr) 100px repeat(3,88px) 120px;gap:0 12px;align-items:center;padding:0 14px;height:30px}
.u-pairs-row>span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.u-pairs-head{color:var(--u-muted);font-size:12px;border-bottom:1px solid var(--u-border-strong);position:sticky;top:0;z-index:1;background:var(--u-bg)}
.u-pairs-scroll{height:332px;overflow-y:scroll} .u-pairs-space{position:relative}
.u-pairs-space .u-pairs-row{position:absolute;left:0;right:0;cursor:pointer;border-bottom:1px solid var(--u-border)} .u-pairs-space .u-pairs-row:hover{background:var(--u-soft)} .u-pairs-space .u-pairs-row:focus-visible{outline-offset:-2px}
.u-pairs-space .u-pairs-row[aria-selected=true]{box-shadow:inset 3px 0 var(--u-syn);background:var(--u-soft)}
@media (max-width:820px){.u-pairs-row{grid-template-columns:minmax(0,1fr) repeat(3,66px) 80px} .u-wide{display:none}}

.u-answer{font-size:16px;line-height:1.45;margin:8px 0 6px;max-width:86ch}
.u-runs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:14px;margin-top:14px}
.u-runs header{display:flex;justify-content:space-between;align-items:center;gap:12px} .u-runs h2{font-size:15px;font-weight:650;overflow-wrap:anywhere}
.u-letter{display:inline-block;width:22px;height:22px;line-height:20px;text-align:center;border:2px solid var(--u-syn);border-radius:50%;font-size:12px;margin-right:4px} .u-side-1 .u-letter{border-color:var(--u-other);border-radius:5px}
.u-verdict-list{margin-top:8px} .u-verdict-list li{border-top:1px solid var(--u-border);padding:8px 0} .u-verdict-list li>div{display:flex;justify-content:space-between} .u-verdict-list p{font-size:13px}
.u-compare td,.u-compare th{vertical-align:middle} .u-compare :is(td,th):nth-child(5){padding-left:22px;white-space:nowrap} .u-two{width:34%;min-width:200px} .u-two u-picture{min-height:52px} .u-two .u-saves{position:absolute;right:0;top:-6px;margin:0;background:var(--u-bg);opacity:0} .u-two:hover .u-saves,.u-two:focus-within .u-saves{opacity:1}
.u-compare td.u-num{white-space:nowrap} .u-panel>.u-legend{margin-bottom:8px}
.u-apart td:nth-child(5){font-weight:600}
.u-after{margin-top:16px} .u-tall{max-height:440px;overflow:auto} .u-tall thead th{position:sticky;top:0;background:var(--u-bg)}

.u-progress{display:flex;align-items:center;gap:12px;margin:16px 0 10px} .u-progress progress{flex:1;height:8px;accent-color:var(--u-syn);max-width:640px} .u-progress vscode-button{margin-left:auto}
.u-phases{display:flex;flex-wrap:wrap;gap:4px 8px;list-style:none;margin:0 0 8px;padding:0;font-size:12.5px;color:var(--u-muted)}
.u-phases li{display:inline-flex;align-items:center;gap:8px} .u-phases li:not(:last-child)::after{content:"\u203a"} .u-phases .u-now{color:var(--u-text);font-weight:650} .u-phases .u-past{color:var(--u-good)}
.u-ended{margin:14px 0} .u-buttons{display:flex;gap:8px;margin:10px 0 4px}

.u-panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:14px}
.u-lab{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:14px;margin-bottom:14px} .u-lab .u-muted{min-height:3.2em}
.u-lab-answers{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:12px;margin:16px 0} .u-lab-answers h2{font-size:14px;margin:0 0 4px;display:flex;gap:8px;align-items:center;flex-wrap:wrap}
.u-facts+.u-legend{margin-top:14px} .u-lab-answers h2{justify-content:space-between} .u-lab-table :is(td,th).u-num{white-space:nowrap} .u-lab-table thead th[colspan]{border-bottom:0;padding-bottom:0} .u-lab-table tbody th{white-space:nowrap} .u-lab-table thead th{white-space:normal} .u-point{display:inline-flex;gap:6px;align-items:center}
.u-panel{border:1px solid var(--u-border);border-radius:10px;padding:14px 18px 10px;background:var(--u-surface);min-width:0}
.u-panel h3{margin-bottom:4px} .u-panel .u-lead{font-size:13px}
.u-panel p+p{margin-top:8px}
@media (min-width:980px){.u-panel-wide{grid-column:span 2} .u-panels:has(.u-panel-wide){grid-template-columns:repeat(3,1fr)} .u-panels:has(.u-panel-wide)>.u-panel:nth-child(n+3){grid-column:auto/span 3}
  .u-panels:has(.u-panel-wide):has(>.u-panel:nth-child(4)){grid-template-columns:repeat(6,1fr)} .u-panels:has(>.u-panel:nth-child(4))>.u-panel-wide{grid-column:span 4} .u-panels:has(>.u-panel:nth-child(4))>.u-panel:nth-child(2){grid-column:span 2} .u-panels:has(.u-panel-wide):has(>.u-panel:nth-child(4))>.u-panel:nth-child(n+3){grid-column:auto/span 3}}
.u-scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;font-weight:600;padding:6px 0}
th,td{padding:5px 14px 5px 0;text-align:left;border-bottom:1px solid var(--u-border);font-weight:400}
th.u-num,td.u-num{padding:5px 0 5px 14px}
th.u-after-num,td.u-after-num{padding-left:20px;white-space:nowrap}
thead th{color:var(--u-muted);font-size:12px;border-bottom-color:var(--u-border-strong);white-space:nowrap}
.u-notes{margin-bottom:16px;max-width:90ch}

@media (max-width:820px){
  /* Beside the table the page is narrow: the verdicts stand above as marks, and what to do comes before their cards. */
  .u-chips{display:flex} .u-answers{display:flex;flex-direction:column;gap:16px} .u-answers .u-next{order:-1;margin-top:0} .u-verdicts{grid-template-columns:1fr}
  u-figure{grid-template-columns:1fr auto auto 28px;gap:4px 14px;padding:11px 0 7px}
  .u-fig-name{grid-area:1/1} .u-fig-value{grid-area:1/2} .u-fig-reference{grid-area:1/3} .u-about{grid-area:1/4} .u-fig-picture{grid-area:2/1/3/-1} .u-fig-about{grid-row:3}
  .u-fig-reference>.u-muted{display:none} .u-fig-value b{font-size:16px} .u-fig-value>.u-muted{font-size:11px;white-space:nowrap}
  .u-ref-value{line-height:1.3}
  .u-check,.u-tools>.u-legend:not(:first-child){margin-left:0}
}
@media (max-width:480px){.u-fig-reference{display:none} u-figure{grid-template-columns:1fr auto 28px} .u-about{grid-area:1/3} .u-page{padding-top:18px} .u-search{width:150px} .u-next li{flex-direction:column}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important;scroll-behavior:auto!important}}
@media (forced-colors:active){.u-verdict::before{forced-color-adjust:none} .u-plot,.u-map,.u-legend svg{forced-color-adjust:none}}
@media print{
  :root,:root[data-theme]{${tokens.light.replace(/;/g, '!important;')}!important}
  body{font-size:11px} .u-page{max-width:none;padding:0} .u-nav,.u-saves,.u-save,.u-about,.u-field,.u-search,.u-check,.u-readout,.u-pin,vscode-button{display:none!important}
  .u-fig-about[hidden]{display:block!important;background:none;border:0;padding:2px 0 6px} details:not([open])>*{display:revert} details::details-content{content-visibility:visible;display:block}
  .u-card,.u-panel,.u-verdict,u-figure,figure,tr{break-inside:avoid} section>h2{break-after:avoid;margin-top:24px} h3{break-after:avoid}
  .u-verdicts,.u-grid{grid-template-columns:repeat(3,1fr);gap:8px} .u-verdict{padding:10px 12px} .u-verdict p{font-size:12px}
  u-figure{grid-template-columns:150px 1fr 110px 100px}
  @page{margin:14mm 12mm}
}
`;

/** Adds the sheet once. Constructed where the browser can (no policy needs to allow it), as an element elsewhere (jsdom). */
export function addStyles(page: Document): void {
  if ('adoptedStyleSheets' in page && typeof CSSStyleSheet === 'function' && 'replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
  } else {
    const style = page.createElement('style');
    style.textContent = css;
    page.head.append(style);
  }
}
