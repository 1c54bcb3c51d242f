//! Durations as Compose and Go write them.

/// Returns the seconds of `90s`, `1h30m`, `2d` or a plain number of seconds; nothing when it is
/// no duration, or not whole seconds.
pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds);
    }
    let mut total: u64 = 0;
    let mut rest = text;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        let unit_text = rest.get(digits..)?;
        let end = unit_text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(unit_text.len());
        let unit = match unit_text.get(..end)? {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = unit_text.get(end..)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::parse_duration;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("90s", Some(90)),
            ("1h30m", Some(5_400)),
            ("2d", Some(172_800)),
            ("45", Some(45)),
            ("", None),
            ("h", None),
            ("1x", None),
            ("30m1h", None),
            ("1.5h", None),
            ("99999999999999999999h", None),
            ("1é", None),
        ] {
            assert_eq!(parse_duration(text), expected, "{text}");
        }
    }
}
