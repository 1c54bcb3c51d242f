//! The stack engine: CloudFormation's operations over realisers.
//!
//! A stack is a `Record` on disk that says what it is to be and how far it got. One step at a
//! time is driven forward; every change of the record is saved before and after a realiser is
//! called, so that a stack whose background process died goes on where it was.

mod converge;
mod definition;
mod drive;
mod engine;
mod record;
mod stack;
mod sweep;
#[cfg(test)]
mod tests;

pub(crate) use engine::Engine;
