//! ECS task definitions to Compose.

mod container;
mod task_definition;

#[cfg(test)]
mod tests;

pub use task_definition::import;
