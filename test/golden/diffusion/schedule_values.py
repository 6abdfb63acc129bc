"""Beta schedules by the published formulas (Ho et al. 2020; Nichol & Dhariwal 2021, equation 17)."""
import math
import numpy as np


def betas(name, T):
    if name == 'linear':
        return np.linspace(1000 / T * 1e-4, 1000 / T * 0.02, T)
    bar = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return np.array([min(1 - bar((i + 1) / T) / bar(i / T), 0.999) for i in range(T)])
