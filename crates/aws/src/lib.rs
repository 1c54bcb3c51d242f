//! The cloud port on AWS.
//!
//! The only crate that may name an `aws-*` crate. Today it holds what needs none: what an error
//! code of AWS means ([`error_kind`]), ARNs ([`Arn`]), and the rules for names of stacks and
//! regions. The next step brings the SDK, the credentials and the implementation of
//! `seaway_cloud::Cloud`; until then nothing here talks to AWS, and `local` is the environment
//! that works.
//!
//! This crate must not know Docker or the `engine`.

mod arn;
mod error_kind;
mod names;

pub use arn::Arn;
pub use arn::ArnError;
pub use error_kind::error_kind;
pub use error_kind::is_retryable;
pub use names::NameError;
pub use names::check_account_id;
pub use names::check_region;
pub use names::check_stack_name;
