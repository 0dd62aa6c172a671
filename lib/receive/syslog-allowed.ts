import { BlockList, isIP } from "node:net";

/** Says of an address whether it is this machine or in one of the networks. */
export function allowedSenders(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  list.addSubnet("127.0.0.0", 8, "ipv4");
  list.addAddress("::1", "ipv6");
  for (const network of networks) {
    const [address = "", length] = network.split("/");
    const family = familyOf(address);
    const bits = family === "ipv4" ? 32 : 128;
    list.addSubnet(address, length === undefined ? bits : Number(length), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
