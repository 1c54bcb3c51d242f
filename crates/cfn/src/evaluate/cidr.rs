//! `Fn::Cidr`.

// `core::net` holds addresses only; nothing here opens a socket.
use core::net::Ipv4Addr;
use core::net::Ipv6Addr;

/// Returns `count` blocks with `bits` host bits each, from the start of `block`; or why not.
pub(crate) fn cut(block: &str, count: i64, bits: i64) -> Result<Vec<String>, String> {
    let invalid = || format!("`{block}` is not a CIDR block");
    let (address, prefix) = block.split_once('/').ok_or_else(invalid)?;
    let prefix: u32 = prefix.parse().map_err(|_| invalid())?;
    let (width, start): (u32, u128) = match address.parse::<Ipv4Addr>() {
        Ok(address) => (32, u128::from(u32::from(address))),
        Err(_) => (128, u128::from(address.parse::<Ipv6Addr>().map_err(|_| invalid())?)),
    };
    if prefix > width {
        return Err(invalid());
    }
    if !(1..=256).contains(&count) {
        return Err(format!("the count must be from 1 to 256, not {count}"));
    }
    let bits = u32::try_from(bits)
        .ok()
        .filter(|bits| (1..=width).contains(bits))
        .ok_or_else(|| format!("the host bits must be from 1 to {width}, not {bits}"))?;
    let count = u128::try_from(count).map_err(|error| error.to_string())?;
    // Host bits of the block must hold `count` pieces.
    let room = width - prefix;
    let needed = bits + u128::BITS - (count - 1).leading_zeros();
    if needed > room {
        return Err(format!("{count} blocks of {bits} host bits do not fit into `{block}`"));
    }
    let mask = if room == 128 { 0 } else { u128::MAX << room };
    let start = start & mask;
    let address = |start: u128| {
        if width == 32 {
            u32::try_from(start).map(|start| Ipv4Addr::from(start).to_string()).unwrap_or_default()
        } else {
            Ipv6Addr::from(start).to_string()
        }
    };
    Ok((0..count).map(|index| format!("{}/{}", address(start + (index << bits)), width - bits)).collect())
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn blocks() {
        for (block, count, bits, expected) in [
            (
                "192.168.0.0/24",
                6,
                5,
                "192.168.0.0/27 192.168.0.32/27 192.168.0.64/27 192.168.0.96/27 192.168.0.128/27 192.168.0.160/27",
            ),
            ("10.0.0.0/16", 3, 8, "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24"),
            ("10.0.0.0/16", 1, 16, "10.0.0.0/16"),
            ("10.0.3.7/16", 1, 8, "10.0.0.0/24"),
            ("2001:db8::/56", 2, 64, "2001:db8::/64 2001:db8:0:1::/64"),
        ] {
            assert_eq!(cut(block, count, bits).map(|all| all.join(" ")), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn what_does_not_fit() {
        for (block, count, bits, expected) in [
            ("10.0.0.0", 1, 8, "is not a CIDR block"),
            ("10.0.0.0/33", 1, 8, "is not a CIDR block"),
            ("10.0.0/16", 1, 8, "is not a CIDR block"),
            ("10.0.0.0/16", 0, 8, "from 1 to 256"),
            ("10.0.0.0/16", 257, 4, "from 1 to 256"),
            ("10.0.0.0/16", 1, 0, "from 1 to 32"),
            ("10.0.0.0/24", 2, 8, "do not fit"),
            ("10.0.0.0/24", 3, 7, "do not fit"),
        ] {
            let error = cut(block, count, bits).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
