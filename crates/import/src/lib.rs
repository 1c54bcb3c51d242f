//! Other formats to Compose
