//! Resource types in plain words.

/// Type and words, sorted by type.
const WORDS: &[(&str, &str)] = &[
    ("AWS::ApplicationAutoScaling::ScalableTarget", "the range in which a service scales"),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", "a rule for when a service scales"),
    ("AWS::CertificateManager::Certificate", "a TLS certificate"),
    ("AWS::CloudWatch::Alarm", "an alarm on a metric"),
    ("AWS::CloudWatch::Dashboard", "a dashboard"),
    ("AWS::DynamoDB::Table", "a DynamoDB table"),
    ("AWS::EC2::EIP", "a fixed public IP address"),
    ("AWS::EC2::InternetGateway", "a gateway between the network and the internet"),
    ("AWS::EC2::NatGateway", "a NAT gateway for outgoing connections"),
    ("AWS::EC2::Route", "a route in a route table"),
    ("AWS::EC2::RouteTable", "a route table"),
    ("AWS::EC2::SecurityGroup", "a firewall (security group)"),
    ("AWS::EC2::SecurityGroupEgress", "a firewall rule for outgoing connections"),
    ("AWS::EC2::SecurityGroupIngress", "a firewall rule for incoming connections"),
    ("AWS::EC2::Subnet", "a subnet in one availability zone"),
    ("AWS::EC2::SubnetRouteTableAssociation", "a subnet's use of a route table"),
    ("AWS::EC2::VPC", "a virtual network (VPC)"),
    ("AWS::EC2::VPCEndpoint", "a private way to an AWS service"),
    ("AWS::EC2::VPCGatewayAttachment", "the network's connection to its internet gateway"),
    ("AWS::ECR::Repository", "an image repository"),
    ("AWS::ECS::CapacityProvider", "capacity for an ECS cluster"),
    ("AWS::ECS::Cluster", "an ECS cluster that groups your services"),
    ("AWS::ECS::ClusterCapacityProviderAssociations", "the capacity that a cluster may use"),
    ("AWS::ECS::Service", "an ECS service that keeps your containers running"),
    ("AWS::ECS::TaskDefinition", "a task definition that says how your containers run"),
    ("AWS::EFS::AccessPoint", "an entry to a shared file system"),
    ("AWS::EFS::FileSystem", "a shared file system"),
    ("AWS::EFS::MountTarget", "a shared file system's address in a subnet"),
    ("AWS::ElasticLoadBalancingV2::Listener", "a load balancer's port"),
    ("AWS::ElasticLoadBalancingV2::ListenerCertificate", "a certificate for a load balancer's port"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "a rule that routes requests to a service"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "a load balancer"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "the containers behind a load balancer"),
    ("AWS::Events::Rule", "a rule for events"),
    ("AWS::IAM::ManagedPolicy", "an IAM policy"),
    ("AWS::IAM::Policy", "an IAM policy"),
    ("AWS::IAM::Role", "an IAM role"),
    ("AWS::KMS::Key", "an encryption key"),
    ("AWS::Lambda::Function", "a Lambda function"),
    ("AWS::Logs::LogGroup", "a log group"),
    ("AWS::RDS::DBCluster", "a database cluster"),
    ("AWS::RDS::DBInstance", "a database instance"),
    ("AWS::Route53::HostedZone", "a DNS zone"),
    ("AWS::Route53::RecordSet", "a DNS record"),
    ("AWS::S3::Bucket", "a bucket"),
    ("AWS::S3::BucketPolicy", "a bucket's access policy"),
    ("AWS::SNS::Subscription", "a subscription to a topic"),
    ("AWS::SNS::Topic", "a topic"),
    ("AWS::SQS::Queue", "a queue"),
    ("AWS::SQS::QueuePolicy", "a queue's access policy"),
    ("AWS::SSM::Parameter", "a stored parameter"),
    ("AWS::Scheduler::Schedule", "a schedule that starts a job"),
    ("AWS::Scheduler::ScheduleGroup", "a group of schedules"),
    ("AWS::SecretsManager::Secret", "a secret"),
    ("AWS::ServiceDiscovery::HttpNamespace", "a namespace for Service Connect"),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", "a private DNS namespace"),
    ("AWS::ServiceDiscovery::Service", "a name in a namespace"),
];

/// Returns a resource type in plain words, such as `an IAM role`; an unknown type is its own
/// description.
pub fn describe(resource_type: &str) -> &str {
    match WORDS.binary_search_by_key(&resource_type, |(kind, _)| kind) {
        Ok(index) => WORDS[index].1,
        Err(_) => resource_type,
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use super::describe;

    #[test]
    fn sorted_for_the_search() {
        assert!(WORDS.is_sorted_by(|left, right| left.0 < right.0));
    }

    #[test]
    fn known_and_unknown() {
        assert_eq!(describe("AWS::ECS::Service"), "an ECS service that keeps your containers running");
        assert_eq!(describe("AWS::IAM::Role"), "an IAM role");
        assert_eq!(describe("AWS::New::Thing"), "AWS::New::Thing");
    }
}
