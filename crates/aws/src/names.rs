//! Rules for names that AWS sets, checked before anything is sent.

/// A name that AWS refuses: reads as "the …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A stack name.
    #[error("the stack name `{name}` {reason}")]
    Stack {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A region.
    #[error("the region `{0}` does not look like `eu-west-1`")]
    Region(
        /// The region.
        String,
    ),
    /// An account id.
    #[error("the account id `{0}` does not have twelve digits")]
    Account(
        /// The account id.
        String,
    ),
}

/// Checks a stack name: 1 to 128 letters, digits and hyphens, the first a letter (CloudFormation
/// API reference, `CreateStack`).
///
/// # Errors
/// The rule that it breaks.
pub fn check_stack_name(name: &str) -> Result<(), NameError> {
    let reason = if name.is_empty() {
        "is empty"
    } else if name.len() > 128 {
        "has more than 128 characters"
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        "must begin with a letter"
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        "may hold only letters, digits and hyphens"
    } else {
        return Ok(());
    };
    Err(NameError::Stack { name: name.to_owned(), reason })
}

/// Checks the form of a region name such as `eu-west-1` or `us-gov-east-1`. Whether the region
/// exists is not checked: new ones come every year.
///
/// # Errors
/// A text of another form.
pub fn check_region(region: &str) -> Result<(), NameError> {
    let parts: Vec<&str> = region.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let good = match parts.as_slice() {
        [words @ .., number] => {
            (2..=3).contains(&words.len())
                && words.iter().all(word)
                && words[0].len() >= 2
                && (1..=2).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        [] => false,
    };
    if good { Ok(()) } else { Err(NameError::Region(region.to_owned())) }
}

/// Checks that an account id has twelve digits.
///
/// # Errors
/// Anything else.
pub fn check_account_id(account: &str) -> Result<(), NameError> {
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(NameError::Account(account.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stack_names() {
        for (name, fault) in [
            ("shop-production-web", None),
            ("a", None),
            ("", Some("is empty")),
            ("1shop", Some("must begin with a letter")),
            ("-shop", Some("must begin with a letter")),
            ("shop_web", Some("may hold only letters, digits and hyphens")),
            ("shöp", Some("may hold only letters, digits and hyphens")),
            (&"a".repeat(128), None),
            (&"a".repeat(129), Some("has more than 128 characters")),
        ] {
            let expected = fault.map(|reason| NameError::Stack { name: name.to_owned(), reason });
            assert_eq!(check_stack_name(name).err(), expected, "{name}");
        }
    }

    #[test]
    fn regions() {
        for (region, good) in [
            ("eu-west-1", true),
            ("us-gov-east-1", true),
            ("ap-southeast-7", true),
            ("us-iso-east-1", true),
            ("local", false),
            ("eu-west", false),
            ("eu-west-1a", false),
            ("EU-WEST-1", false),
            ("eu--1", false),
            ("", false),
        ] {
            assert_eq!(check_region(region).is_ok(), good, "{region}");
        }
    }

    #[test]
    fn accounts() {
        assert_eq!(check_account_id("123456789012"), Ok(()));
        for account in ["", "1234", "12345678901a", "1234567890123"] {
            assert!(check_account_id(account).is_err(), "{account}");
        }
    }
}
