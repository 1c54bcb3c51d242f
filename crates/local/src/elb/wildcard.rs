//! The wildcards of listener rules.

/// Returns true when `text` matches `pattern`: `*` stands for any number of characters, `?` for
/// exactly one, a backslash takes the next character literally.
pub(super) fn matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let pattern: Vec<Token> = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    // The last `*` and where its match ended: going back to it is enough, earlier ones need no
    // second look (greedy matching with one restart point is linear for each star).
    let (mut p, mut t) = (0, 0);
    let mut restart: Option<(usize, usize)> = None;
    while t < text.len() {
        let fits = match pattern.get(p) {
            Some(Token::Any) => {
                restart = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(Token::Literal(expected)) => same(*expected, text[t], ignore_case),
            None => false,
        };
        if fits {
            p += 1;
            t += 1;
        } else if let Some((star, from)) = restart {
            restart = Some((star, from + 1));
            p = star;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|token| matches!(token, Token::Any))
}

enum Token {
    Any,
    One,
    Literal(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut all = Vec::new();
    let mut chars = pattern.chars();
    while let Some(next) = chars.next() {
        all.push(match next {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(chars.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    all
}

fn same(a: char, b: char, ignore_case: bool) -> bool {
    a == b || (ignore_case && a.to_lowercase().eq(b.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let table = [
            ("/api/*", "/api/", true),
            ("/api/*", "/api/orders/1", true),
            ("/api/*", "/api", false),
            ("/img/*/pics", "/img/a/b/pics", true),
            ("/img/*/pics", "/img/a/b/pic", false),
            ("*.example.com", "shop.example.com", true),
            ("*.example.com", "example.com", false),
            ("/v?/x", "/v1/x", true),
            ("/v?/x", "/v/x", false),
            ("/a\\*b", "/a*b", true),
            ("/a\\*b", "/axb", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text, false), expected, "{pattern} on {text}");
        }
        assert!(matches("SHOP.*", "shop.example", true));
        assert!(!matches("/API", "/api", false));
    }
}
