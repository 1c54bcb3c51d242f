//! "Did you mean".

/// Returns the candidate nearest to `name`, when one is near enough to be meant: at most a third
/// of the letters differ (at least one may), case and `-`/`_` not counted.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(name);
    let limit = (name.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

fn fold(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_near() {
        let keys = ["image", "ports", "depends_on", "x-routes"];
        for (name, expected) in [
            ("imag", Some("image")),
            ("imgae", Some("image")),
            ("dependsOn", Some("depends_on")),
            ("depends-on", Some("depends_on")),
            ("x-route", Some("x-routes")),
            ("volumes", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, keys), expected, "{name}");
        }
    }
}
