//! Names: stacks, logical ids, families, log groups.
//!
//! All functions here are injective: two Compose names never meet in one CloudFormation name.
//!
//! - *Logical ids* hold only letters and digits. A name is written in camel case (`my-a` → `MyA`);
//!   whatever camel case would lose is escaped as `Z` and two hexadecimal digits: upper-case
//!   letters, `_`, `.`, a `z` that would become upper-case, a `-` that no lower-case letter
//!   follows (`mya` → `Mya`, `my_a` → `MyZ5fa`, `myA` → `MyZ41`).
//! - *Stack names* hold letters, digits and `-`. Other characters are escaped as `--` and two
//!   hexadecimal digits (`my_a` → `my--5fa`). A workload whose name is that of one of our own
//!   stacks gets a suffix that no escape can give: `network` → `network--service`.

use std::fmt::Write;

use seaway_model::App;

/// Names of our own stacks; also `resources-2`, …
const RESERVED: &[&str] = &["network", "platform", "resources", "shared"];

/// Returns a name as a part of a logical id; it begins with an upper-case letter.
pub fn logical_id(name: &str) -> String {
    let mut id = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut first = true;
    while let Some(letter) = letters.next() {
        match letter {
            'a'..='y' if first => id.push(letter.to_ascii_uppercase()),
            'z' if first => escape(&mut id, letter),
            '-' if !first && letters.peek().is_some_and(|next| matches!(next, 'a'..='y')) => {
                if let Some(next) = letters.next() {
                    id.push(next.to_ascii_uppercase());
                }
            }
            'a'..='z' | '0'..='9' => id.push(letter),
            _ => escape(&mut id, letter),
        }
        first = false;
    }
    id
}

fn escape(id: &mut String, letter: char) {
    let mut bytes = [0; 4];
    for byte in letter.encode_utf8(&mut bytes).bytes() {
        // Writing to a string cannot fail.
        let _ = write!(id, "Z{byte:02x}");
    }
}

/// Returns a name as a part of a stack name.
fn stack_part(name: &str) -> String {
    dashed(name, |letter| letter.is_ascii_alphanumeric())
}

/// Returns a name as a Cloud Map discovery name: like a stack name, in lower case.
pub(crate) fn discovery_part(name: &str) -> String {
    dashed(name, |letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
}

fn dashed(name: &str, plain: impl Fn(char) -> bool) -> String {
    let mut part = String::with_capacity(name.len());
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        // A dash that stands before another dash or an escape would be read as a part of it.
        let dash = letter == '-' && letters.peek().is_none_or(|next| plain(*next));
        if plain(letter) || dash {
            part.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(part, "--{byte:02x}");
            }
        }
    }
    part
}

/// The names of an application in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    app: String,
    environment: String,
    prefix: String,
}

impl Names {
    /// Returns the names of an application in an environment.
    pub fn new(app: &App) -> Self {
        Self::of(&app.name, &app.environment.name)
    }

    /// Returns the names for an application and an environment by their names.
    pub fn of(app: &str, environment: &str) -> Self {
        let part = stack_part(app);
        // A stack name begins with a letter.
        let lead = if part.starts_with(|letter: char| letter.is_ascii_alphabetic()) { "" } else { "x--n" };
        Names {
            app: app.to_owned(),
            environment: environment.to_owned(),
            prefix: format!("{lead}{part}-{}", stack_part(environment)),
        }
    }

    /// Returns what all stack names of the environment begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the name of the network stack.
    pub fn network(&self) -> String {
        format!("{}-network", self.prefix)
    }

    /// Returns the name of the platform stack.
    pub fn platform(&self) -> String {
        format!("{}-platform", self.prefix)
    }

    /// Returns the name of the resources stack with this index, from 0.
    pub fn resources(&self, index: usize) -> String {
        if index == 0 {
            format!("{}-resources", self.prefix)
        } else {
            format!("{}-resources-{}", self.prefix, index + 1)
        }
    }

    /// Returns the name of the stack of a workload; also the family of its task definition.
    pub fn workload(&self, name: &str) -> String {
        let numbered = name
            .strip_prefix("resources-")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        let suffix = if RESERVED.contains(&name) || numbered { "--service" } else { "" };
        format!("{}-{}{suffix}", self.prefix, stack_part(name))
    }

    /// Returns the log group of a workload.
    pub fn log_group(&self, workload: &str) -> String {
        format!("/seaway/{}/{}/{workload}", self.app, self.environment)
    }

    /// Returns the log group of interactive sessions; no workload can have this name.
    pub fn exec_log_group(&self) -> String {
        format!("/seaway/{}/{}/#exec", self.app, self.environment)
    }

    /// Returns the image repository of a service that is built.
    pub fn repository(&self, service: &str) -> String {
        format!("{}/{}", self.app, service.to_ascii_lowercase())
    }

    /// Returns `application in environment`, for descriptions.
    pub fn of_what(&self) -> String {
        format!("{} in {}", self.app, self.environment)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn logical_ids() {
        for (name, expected) in [
            ("web", "Web"),
            ("my-a", "MyA"),
            ("mya", "Mya"),
            ("my_a", "MyZ5fa"),
            ("myA", "MyZ41"),
            ("-a", "Z2da"),
            ("zoo", "Z7aoo"),
            ("a-z", "AZ2dz"),
            ("a--b", "AZ2dB"),
            ("2nd", "2nd"),
            ("é", "Zc3Za9"),
        ] {
            assert_eq!(logical_id(name), expected, "{name}");
        }
    }

    #[test]
    fn workloads_never_meet_our_own_stacks() {
        let names = Names::of("shop", "prod");
        assert_eq!(names.workload("network"), "shop-prod-network--service");
        assert_eq!(names.workload("resources-2"), "shop-prod-resources-2--service");
        assert_eq!(names.workload("resources-x"), "shop-prod-resources-x");
        assert_eq!(names.workload("vpc"), "shop-prod-vpc");
        assert_eq!(Names::of("2048", "prod").workload("web"), "x--n2048-prod-web");
    }

    proptest! {
        #[test]
        fn injective(names in proptest::collection::btree_set("[a-zA-Z0-9._-]{1,6}|[-_.zZ5fA]{1,5}|network|resources-2", 2..60)) {
            let stacks = Names::of("shop", "prod");
            let mut seen: BTreeMap<(usize, String), String> = BTreeMap::new();
            for name in names {
                let all = [logical_id(&name), stacks.workload(&name), discovery_part(&name)];
                for (index, made) in all.into_iter().enumerate() {
                    if index == 0 {
                        prop_assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{made}");
                    }
                    if let Some(other) = seen.insert((index, made.clone()), name.clone()) {
                        prop_assert!(false, "{name} and {other} are both {made}");
                    }
                }
            }
        }
    }
}
