//! The text of `Fn::Sub`.

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Literal(&'a str),
    /// `${!Name}`: stands for `${Name}`.
    Escaped(&'a str),
    /// `${Name}` or `${Resource.Attribute}`.
    Name(&'a str),
}

/// Cuts the text at its `${…}`; a `${` without `}` is literal.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        if start > 0 {
            pieces.push(Piece::Literal(&rest[..start]));
        }
        let name = &rest[start + 2..start + length];
        pieces.push(match name.strip_prefix('!') {
            Some(literal) => Piece::Escaped(literal),
            None => Piece::Name(name.trim()),
        });
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::Piece::Escaped;
    use super::Piece::Literal;
    use super::Piece::Name;
    use super::pieces;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("", vec![]),
            ("plain", vec![Literal("plain")]),
            ("a-${B}-c", vec![Literal("a-"), Name("B"), Literal("-c")]),
            ("${A.B.C}${AWS::Region}", vec![Name("A.B.C"), Name("AWS::Region")]),
            ("${!Shell}", vec![Escaped("Shell")]),
            ("${ A }", vec![Name("A")]),
            ("open ${A", vec![Literal("open ${A")]),
            ("$A $${B}", vec![Literal("$A $"), Name("B")]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
