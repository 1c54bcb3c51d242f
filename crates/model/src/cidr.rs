//! IPv4 blocks.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An IPv4 block such as `10.0.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// First address as a number.
    start: u32,
    /// Prefix length, 0–32.
    prefix: u8,
}

impl Cidr {
    /// Returns true when the two share an address.
    pub fn overlaps(self, other: Cidr) -> bool {
        let mask = mask(self.prefix.min(other.prefix));
        self.start & mask == other.start & mask
    }

    /// Returns the prefix length.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Returns the piece with this index when the block is cut into pieces that are `bits`
    /// smaller; nothing when there is no such piece.
    pub fn piece(self, bits: u8, index: u32) -> Option<Cidr> {
        let prefix = self.prefix.checked_add(bits).filter(|prefix| *prefix <= 32)?;
        if u64::from(index) >= 1_u64 << bits {
            return None;
        }
        let offset = u32::try_from(u64::from(index) << (32 - prefix)).ok()?;
        Some(Cidr { start: self.start.checked_add(offset)?, prefix })
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for Cidr {
    type Err = String;

    /// Reads `a.b.c.d/n`; host bits must be zero, as VPC and load balancer demand.
    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = text.split_once('/').ok_or("it has no `/` and prefix length")?;
        let address: Ipv4Addr = address.parse().map_err(|_| "it does not begin with an IPv4 address")?;
        let prefix: u8 =
            prefix.parse().ok().filter(|prefix| *prefix <= 32).ok_or("its prefix length is not 0 to 32")?;
        let start = u32::from(address);
        if start & !mask(prefix) != 0 {
            let clean = Cidr { start: start & mask(prefix), prefix };
            return Err(format!("it has bits behind its prefix; the block is `{clean}`"));
        }
        Ok(Cidr { start, prefix })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", Ipv4Addr::from(self.start), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_refuses() {
        assert_eq!(block("10.20.0.0/16").to_string(), "10.20.0.0/16");
        assert!("10.20.0.1/16".parse::<Cidr>().unwrap_err().contains("10.20.0.0/16"));
        for bad in ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "x/1", ""] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
    }

    #[test]
    fn overlap_and_pieces() {
        assert!(block("10.0.0.0/8").overlaps(block("10.4.0.0/16")));
        assert!(!block("10.1.0.0/16").overlaps(block("10.2.0.0/16")));
        assert!(block("0.0.0.0/0").overlaps(block("10.2.0.0/16")));
        assert_eq!(block("10.0.0.0/16").piece(4, 3).unwrap().to_string(), "10.0.48.0/20");
        assert_eq!(block("10.0.0.0/16").piece(4, 16), None);
        assert_eq!(block("10.0.0.0/30").piece(4, 0), None);
        assert_eq!(block("0.0.0.0/0").piece(32, u32::MAX).unwrap().to_string(), "255.255.255.255/32");
    }
}
