//! The port on AWS against scripted answers and a fake of the endpoints: which calls it makes, in which order, with which fields,
//! and what it makes of the answers.

#[cfg(test)]
mod connect;
#[cfg(test)]
mod ecs;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod stacks;
#[cfg(test)]
mod store;
