//! Keys in the artifact bucket.

/// Returns a name as one segment of a key: what is no plain name is written in hexadecimal.
pub(crate) fn segment(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("_{}", hex::encode(name))
    }
}

pub(super) fn lock(app: &str, env: &str) -> String {
    format!("locks/{}/{}.json", segment(app), segment(env))
}

pub(super) fn releases(app: &str, env: &str) -> String {
    format!("releases/{}/{}/", segment(app), segment(env))
}

pub(super) fn record(app: &str, env: &str, number: u64) -> String {
    format!("{}{number:010}/release.json", releases(app, env))
}

/// The same without the stacks: small enough to read all of them.
pub(super) fn summary(app: &str, env: &str, number: u64) -> String {
    format!("{}{number:010}/summary.json", releases(app, env))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_meet() {
        assert_eq!(lock("shop", "production"), "locks/shop/production.json");
        assert_eq!(record("shop", "production", 12), "releases/shop/production/0000000012/release.json");
        assert_eq!(summary("shop", "../x", 1), "releases/shop/_2e2e2f78/0000000001/summary.json");
    }
}
