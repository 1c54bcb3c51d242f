//! Pseudo parameters (CloudFormation user guide, "Pseudo parameters reference").

/// Values of the pseudo parameters of a stack. `AWS::NoValue` is not a value and always known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PseudoParameters {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`.
    pub stack_id: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

impl PseudoParameters {
    /// Returns the pseudo parameters of a stack in the partition `aws`, without notifications.
    pub fn new(
        region: impl Into<String>,
        account_id: impl Into<String>,
        stack_name: impl Into<String>,
        stack_id: impl Into<String>,
    ) -> Self {
        PseudoParameters {
            region: region.into(),
            account_id: account_id.into(),
            partition: "aws".to_owned(),
            url_suffix: "amazonaws.com".to_owned(),
            stack_name: stack_name.into(),
            stack_id: stack_id.into(),
            notification_arns: Vec::new(),
        }
    }
}
