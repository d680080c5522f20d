// What every browser has and Node has from 20 on; Debian 12 has 18.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
