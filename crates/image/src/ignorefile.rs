//! `.dockerignore`: the rules of Docker's documentation ("Build context", section
//! ".dockerignore files"). They differ from Git's: every pattern is anchored at the context, and
//! the last one that matches a file or one of its folders decides.

use camino::Utf8Path;

use crate::ImageError;

/// The patterns of an ignore file.
#[derive(Clone, Debug, Default)]
pub(crate) struct IgnoreFile {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    keep: bool,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// `*`: anything within a name.
    Name,
    /// `?`: one character of a name.
    One,
    /// `**/`: any number of folders, also none.
    Folders,
    /// `**` at the end.
    Rest,
    /// `[a-z]`, `[^a-z]`.
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
    Literal(char),
}

impl IgnoreFile {
    /// Reads the text of an ignore file; `path` is only for messages.
    pub(crate) fn parse(path: &Utf8Path, text: &str) -> Result<IgnoreFile, ImageError> {
        let mut patterns = Vec::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            let trimmed = line.trim();
            let (keep, rest) = match trimmed.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, trimmed),
            };
            let wrong = || ImageError::Pattern {
                path: path.to_owned(),
                line: index + 1,
                pattern: trimmed.to_owned(),
            };
            if rest.is_empty() {
                if keep {
                    return Err(wrong());
                }
                continue;
            }
            let clean = clean(rest);
            if clean.is_empty() {
                continue;
            }
            patterns.push(Pattern { keep, tokens: tokens(&clean).ok_or_else(wrong)? });
        }
        Ok(IgnoreFile { patterns })
    }

    /// Returns true when a path (relative, with slashes) is left out of the context.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        let mut ignored = false;
        for pattern in &self.patterns {
            // A pattern that would not change the verdict need not be tried.
            if pattern.keep == ignored && pattern.matches_with_parents(path) {
                ignored = !pattern.keep;
            }
        }
        ignored
    }

    /// Returns true when nothing inside of an ignored folder can be kept.
    pub(crate) fn prunes(&self) -> bool {
        !self.patterns.iter().any(|pattern| pattern.keep)
    }
}

impl Pattern {
    fn matches_with_parents(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| {
            let part: Vec<char> = path[..end].chars().collect();
            matches(&self.tokens, &part)
        })
    }
}

/// Cleans a pattern like Go's `filepath.Clean` and makes it relative to the context.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => (),
            // Above the context there is nothing: `..` at the root stays there, as with a
            // leading slash.
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(next) = chars.next() {
        let token = match next {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                }
                if chars.peek().is_none() { Token::Rest } else { Token::Folders }
            }
            '*' => Token::Name,
            '?' => Token::One,
            '\\' => Token::Literal(chars.next()?),
            '[' => {
                let not = chars.next_if(|next| *next == '^').is_some();
                let mut ranges = Vec::new();
                loop {
                    let low = match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        ']' => return None,
                        '\\' => chars.next()?,
                        other => other,
                    };
                    let mut high = low;
                    if chars.next_if(|next| *next == '-').is_some() {
                        high = match chars.next()? {
                            ']' => return None,
                            '\\' => chars.next()?,
                            other => other,
                        };
                    }
                    if low > high {
                        return None;
                    }
                    ranges.push((low, high));
                }
                Token::Class { not, ranges }
            }
            other => Token::Literal(other),
        };
        all.push(token);
    }
    Some(all)
}

fn matches(tokens: &[Token], text: &[char]) -> bool {
    // Which positions of the text each prefix of the pattern can reach: linear in both, whatever
    // the number of stars.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        for at in (0..=text.len()).filter(|at| reach[*at]) {
            match token {
                Token::Rest => next[at..].fill(true),
                Token::Folders => {
                    next[at] = true;
                    for end in at..text.len() {
                        if text[end] == '/' {
                            next[end + 1] = true;
                        }
                    }
                }
                Token::Name => {
                    let end = text[at..]
                        .iter()
                        .position(|next| *next == '/')
                        .map_or(text.len(), |length| at + length);
                    next[at..=end].fill(true);
                }
                Token::One => {
                    if text.get(at).is_some_and(|found| *found != '/') {
                        next[at + 1] = true;
                    }
                }
                Token::Class { not, ranges } => {
                    let fits = text.get(at).is_some_and(|found| {
                        ranges.iter().any(|(low, high)| (low..=high).contains(&found)) != *not
                    });
                    if fits {
                        next[at + 1] = true;
                    }
                }
                Token::Literal(expected) => {
                    if text.get(at) == Some(expected) {
                        next[at + 1] = true;
                    }
                }
            }
        }
        reach = next;
    }
    reach[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        // ignore file, path, left out
        let table = [
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("**/*.md", "docs/a/README.md", true),
            ("**/*.md", "README.md", true),
            ("*.md\n!README.md", "README.md", false),
            ("*.md\n!README.md", "CHANGES.md", true),
            ("!README.md\n*.md", "README.md", true),
            ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true),
            ("node_modules", "node_modules/a/b.js", true),
            ("node_modules", "sub/node_modules/a.js", false),
            ("**/node_modules", "sub/node_modules/a.js", true),
            ("/foo/bar", "foo/bar", true),
            ("foo/bar/", "foo/bar/x", true),
            ("./foo/../bar", "bar", true),
            ("*/temp*", "a/temporary.txt", true),
            ("*/temp*", "a/b/temp", false),
            ("*/*/temp*", "a/b/temporary", true),
            ("temp?", "tempa", true),
            ("temp?", "temp", false),
            ("temp?", "temp/", false),
            ("# *.md", "a.md", false),
            (" *.md", "a.md", true),
            ("", "a", false),
            (".", "a", false),
            ("*", "a/b", true),
            ("*\n!a/b", "a/b", false),
            ("*\n!a/b", "a/c", true),
            ("a\n!a/b\na/b/c", "a/b/c/d", true),
            ("**", "a/b/c", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("**/foo/*.txt", "x/foo/a.txt", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a.c", "abc", false),
            ("(x)+", "(x)+", true),
            ("\u{feff}secret", "secret", true),
            (".env*\n!.env.example", ".env.example", false),
            (".env*\n!.env.example", ".env.local", true),
        ];
        for (text, path, expected) in table {
            let file = IgnoreFile::parse(Utf8Path::new(".dockerignore"), text).unwrap();
            assert_eq!(file.ignores(path), expected, "{text:?} on {path}");
        }
    }

    #[test]
    fn wrong_patterns() {
        for (text, line) in [("a\n!", 2), ("[a", 1), ("a\\", 1), ("\n\n[]", 3), ("[b-a]", 1)] {
            let error = IgnoreFile::parse(Utf8Path::new(".dockerignore"), text).unwrap_err();
            assert!(matches!(error, ImageError::Pattern { line: at, .. } if at == line), "{text:?}: {error}");
        }
    }
}
