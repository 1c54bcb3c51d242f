//! The rule of a composite alarm: `ALARM(a) and not OK(b)`, or bare names, which mean `ALARM`.

/// States that a rule asks for.
const STATES: &[&str] = &["ALARM", "OK", "INSUFFICIENT_DATA"];
/// Other words of the language.
const WORDS: &[&str] = &["AND", "OR", "NOT", "TRUE", "FALSE"];

/// A piece of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it stands.
    Text(String),
    /// A state of a named alarm of this file.
    Alarm(&'static str, String),
}

/// Returns the pieces of a rule.
pub(super) fn pieces(rule: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = rule;
    while let Some(letter) = rest.chars().next() {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !name(letter) {
            push(&mut pieces, &letter.to_string());
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            continue;
        }
        let end = rest.find(|c: char| !name(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let upper = word.to_ascii_uppercase();
        let state = STATES.iter().copied().find(|state| *state == upper);
        let inner = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        if let (Some(state), Some((inner, after))) = (state, inner) {
            pieces.push(Piece::Alarm(state, inner.trim().trim_matches(['"', '\'']).to_owned()));
            rest = after;
        } else {
            if WORDS.contains(&upper.as_str()) {
                push(&mut pieces, &upper);
            } else {
                pieces.push(Piece::Alarm("ALARM", word.to_owned()));
            }
            rest = after;
        }
    }
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(known)) => known.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// Returns the names of the alarms of a rule.
pub(super) fn names(rule: &str) -> Vec<String> {
    pieces(rule)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Alarm(_, name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_fall_into_pieces() {
        let alarm = |state, name: &str| Piece::Alarm(state, name.to_owned());
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            pieces("ALARM(a-1) and (OK(b) or not c)"),
            [
                alarm("ALARM", "a-1"),
                text(" AND ("),
                alarm("OK", "b"),
                text(" OR NOT "),
                alarm("ALARM", "c"),
                text(")")
            ]
        );
        assert_eq!(names("a and b"), ["a", "b"]);
    }
}
