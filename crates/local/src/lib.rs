//! The cloud port on this machine: CloudFormation stacks realised with a container engine
