//! Texts with a meaning: durations, sizes, truth values, numbers.

/// Returns seconds. Compose's form: numbers with `us`, `ms`, `s`, `m`, `h`, `d`, `w` in a row, such as
/// `1m30s` (specification: 11-extension.md, "Specifying durations").
pub(crate) fn duration(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end =
            rest[digits..].find(|c: char| c.is_ascii_digit() || c == '.').map_or(rest.len(), |n| digits + n);
        let factor = match &rest[digits..unit_end] {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return None,
        };
        seconds += number * factor;
        rest = &rest[unit_end..];
    }
    Some(seconds)
}

/// Returns bytes. Compose's form: a number with `b`, `k`/`kb`, `m`/`mb`, `g`/`gb`, `t`/`tb`, in
/// powers of 1024 (specification: "Specifying byte values").
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let factor: f64 = match text[digits..].trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" | "ki" | "kib" => 1024.0,
        "m" | "mb" | "mi" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gi" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" | "ti" | "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let value = number * factor;
    // Beyond 2^53 a number of this kind is a slip, not a size.
    (value.is_finite() && value < 9.0e15).then_some(value as u64)
}

/// Returns the truth value, as Compose casts it.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Returns a whole number from 0 on.
pub(crate) fn whole(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

/// Returns a finite number from 0 on.
pub(crate) fn amount(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

/// Whether a text is a number, decimal or octal (`0o440`).
pub(crate) fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
        || text.strip_prefix("0o").is_some_and(|digits| u32::from_str_radix(digits, 8).is_ok())
}

/// Returns a limit: a whole number from -1 on, which stands for no limit.
pub(crate) fn limit(text: &str) -> Option<i64> {
    text.parse().ok().filter(|limit| *limit >= -1)
}

/// Splits a command as a shell splits it into words, without any expansion.
///
/// # Errors
/// In words: which quote is not closed, or that a backslash ends the text.
pub(crate) fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(other) => word.push(other),
                        None => return Err("a single quote is not closed"),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            Some('\n') => {}
                            Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                            Some(next) => {
                                word.push('\\');
                                word.push(next);
                            }
                            None => return Err("a double quote is not closed"),
                        },
                        Some(other) => word.push(other),
                        None => return Err("a double quote is not closed"),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') => {}
                Some(next) => word.get_or_insert_default().push(next),
                None => return Err("a backslash ends the text"),
            },
            // A comment, as at the start of a word in a shell.
            '#' if word.is_none() => {
                if !characters.by_ref().any(|next| next == '\n') {
                    break;
                }
            }
            other if other.is_ascii_whitespace() => out.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    out.extend(word);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("1m30s", Some(90.0)),
            ("10s", Some(10.0)),
            ("1h5m", Some(3900.0)),
            ("500ms", Some(0.5)),
            ("1.5s", Some(1.5)),
            ("0", Some(0.0)),
            ("10", None),
            ("", None),
            ("s", None),
            ("10 s", None),
            ("1x", None),
            ("-5s", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("512M", Some(512 << 20)),
            ("1g", Some(1 << 30)),
            ("0.5gb", Some(1 << 29)),
            ("300", Some(300)),
            ("64 kb", Some(65536)),
            ("12x", None),
            ("", None),
            ("-1", None),
            ("M", None),
            ("999999999999t", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }

    #[test]
    fn commands_split() {
        for (text, expected) in [
            ("a b", vec!["a", "b"]),
            ("  a   'b c' ", vec!["a", "b c"]),
            ("sh -c \"echo \\\"hi\\\" $$X\"", vec!["sh", "-c", "echo \"hi\" $$X"]),
            ("a\\ b", vec!["a b"]),
            ("a '' b", vec!["a", "", "b"]),
            ("x='1 2'", vec!["x=1 2"]),
            ("", vec![]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        assert!(words("a 'b").is_err());
        assert!(words("a \"b").is_err());
        assert!(words("a \\").is_err());
    }
}
