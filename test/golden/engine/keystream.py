"""Golden values of the random streams, from an independent implementation.

    pip install cryptography==46.0.3 && python keystream.py > keystream.json
"""
import json, math, struct
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Stream:
    def __init__(self, seed, name):
        self.seed, self.name = seed, name
        material = seed if isinstance(seed, bytes) else struct.pack("<Q", seed & (2**64 - 1))
        self.key = HKDF(hashes.SHA256(), 32, salt=b"understudy", info=name.encode()).derive(material)

    def child(self, name):
        return Stream(self.seed, f"{self.name}/{name}")

    def bytes(self, offset, length):
        start = offset - offset % 16
        enc = Cipher(algorithms.AES(self.key), modes.CTR((start // 16).to_bytes(16, "big"))).encryptor()
        return enc.update(bytes(offset - start + length))[offset - start:]

    def words(self, offset, count):
        return list(struct.unpack(f"<{count}I", self.bytes(4 * offset, 4 * count)))

    def uniforms(self, offset, count):
        w = self.words(2 * offset, 2 * count)
        return [min(((w[2 * i] >> 5) * 2**26 + (w[2 * i + 1] >> 6) + 0.5) * 2.0**-53, 1 - 2.0**-53) for i in range(count)]

    def normals(self, offset, count):
        u = self.uniforms(2 * offset, 2 * count)
        return [math.sqrt(-2 * math.log(u[2 * i])) * math.cos(2 * math.pi * u[2 * i + 1]) for i in range(count)]

    def unbiased(self, word, below, again):
        k = 0
        while word * below % 2**32 < 2**32 % below:
            word = self.child(again).words(k, 1)[0]
            k += 1
        return word * below >> 32

    def integers(self, offset, count, below):
        return [self.unbiased(w, below, f"again/{offset + i}") for i, w in enumerate(self.words(offset, count))]

    def permutation(self, index, n):
        s = self.child(f"permutation/{index}")
        w, p = s.words(0, n), list(range(n))
        for i in range(n - 1, 0, -1):
            j = s.unbiased(w[i], i + 1, f"again/{i}")
            p[i], p[j] = p[j], p[i]
        return p


s = Stream(42, "golden")
print(json.dumps({
    "words": s.words(0, 8), "far": s.words(2**34 + 3, 4), "unaligned": s.words(7, 5),
    "child": s.child("noise").words(0, 4), "negative": Stream(-1, "golden").words(0, 4), "key": Stream(bytes(range(32)), "k").words(0, 4),
    "uniforms": s.uniforms(3, 4), "normals": s.normals(5, 4),
    "integers": s.integers(10, 8, 1000), "rejecting": s.integers(0, 40, 2**30 + 1), "permutation": s.permutation(2, 12),
}, indent=1))
