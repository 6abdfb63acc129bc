"""The products of matmul.ts in PyTorch (measured with torch 2.9.1): python matmul_torch.py [threads]"""
import json, math, sys, time
import torch

if len(sys.argv) > 1:
    torch.set_num_threads(int(sys.argv[1]))
for g, m, k, n in [(1, 1024, 512, 512), (1, 2048, 1024, 1024), (1, 512, 1500, 512), (15, 1024, 64, 128), (15, 1024, 128, 64), (40, 512, 256, 64)]:
    for ta, tb in [(False, False), (True, False), (False, True)]:
        a = torch.randn(g, k, m).transpose(1, 2) if ta else torch.randn(g, m, k)
        b = torch.randn(g, n, k).transpose(1, 2) if tb else torch.randn(g, k, n)
        if g == 1:
            a, b = a[0], b[0]
        out = torch.empty(*([g] if g > 1 else []), m, n)
        flop = 2 * g * m * k * n
        reps = max(2, math.ceil(1e9 / flop))
        wall = cpu = math.inf
        for _ in range(6):
            t, c = time.perf_counter(), time.process_time()
            for _ in range(reps):
                torch.matmul(a, b, out=out)
            wall, cpu = min(wall, (time.perf_counter() - t) / reps), min(cpu, (time.process_time() - c) / reps)
        print(json.dumps(dict(what="torch matmul", g=g, m=m, k=k, n=n, transA=ta, transB=tb, gflopsCpu=round(flop / cpu / 1e9), gflopsWall=round(flop / wall / 1e9))))
