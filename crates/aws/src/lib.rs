//! The cloud port on AWS
