//! CloudWatch logs.

mod cursor;
mod page;
mod window;
