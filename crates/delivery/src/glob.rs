//! Patterns of ref names.

/// Returns true when a pattern matches a whole name. `*` stands for any characters but `/`, `**`
/// for any characters, `?` for one character but `/`; everything else stands for itself.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    // `reached[i]`: the characters of the name so far can be matched by the first `i` of the
    // pattern. One pass over the name: no pattern makes it slow.
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    skip_stars(&pattern, &mut reached);
    for character in name.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, &symbol) in pattern.iter().enumerate() {
            // Inside of `**` the second star is passed over together with the first.
            let double = symbol == '*'
                && (pattern.get(index + 1) == Some(&'*') || (index > 0 && pattern[index - 1] == '*'));
            if !reached[index] {
                continue;
            }
            match symbol {
                '*' if double || character != '/' => next[index] = true,
                '*' => {}
                '?' if character != '/' => next[index + 1] = true,
                '?' => {}
                symbol if symbol == character => next[index + 1] = true,
                _ => {}
            }
        }
        skip_stars(&pattern, &mut next);
        reached = next;
    }
    reached[pattern.len()]
}

/// A star also stands for nothing.
fn skip_stars(pattern: &[char], reached: &mut [bool]) {
    for (index, &symbol) in pattern.iter().enumerate() {
        if symbol == '*' && reached[index] {
            reached[index + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("main", "domain", false),
            ("*", "main", true),
            ("*", "feature/cart", false),
            ("**", "feature/cart", true),
            ("**", "", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("feature/*", "feature/cart", true),
            ("feature/*", "feature/", true),
            ("feature/*", "feature/a/b", false),
            ("feature/**", "feature/a/b", true),
            ("**/fix", "a/b/fix", true),
            ("**/fix", "fix", false),
            ("v*.*.*", "v1.2.3", true),
            ("v*.*.*", "v1.2", false),
            ("v?", "v1", true),
            ("v?", "v12", false),
            ("a?b", "a/b", false),
            ("release-[1]", "release-1", false),
            ("release-[1]", "release-[1]", true),
            ("grün-*", "grün-ä", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_are_not_slow() {
        let pattern = "*a".repeat(60);
        assert!(!matches(&pattern, &"a".repeat(59)));
        assert!(matches(&pattern, &"a".repeat(2000)));
    }
}
