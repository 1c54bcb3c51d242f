//! Who is calling, and how often to ask.

use std::time::Duration;

use async_trait::async_trait;
use seaway_cloud::Cloud;
use seaway_cloud::Identity;
use seaway_cloud::Result;

use crate::AwsCloud;

#[async_trait]
impl Cloud for AwsCloud {
    async fn identity(&self) -> Result<Identity> {
        Ok(self.identity.clone())
    }

    fn poll_interval(&self) -> Duration {
        self.poll
    }
}
