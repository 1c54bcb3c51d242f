//! What the socket serves: the port, and what is asked of the background process itself.

use async_trait::async_trait;
use seaway_cloud::Cloud;
use seaway_cloud::Result;

use crate::rpc::Ping;
use crate::status::LocalDown;
use crate::status::LocalStatus;

/// Behind the socket.
#[async_trait]
pub(crate) trait Host: Cloud {
    /// Returns who this is.
    fn ping(&self) -> Ping;
    /// Returns what there is.
    async fn local_status(&self) -> Result<LocalStatus>;
    /// Removes everything; the process ends after the answer.
    async fn local_down(&self) -> Result<LocalDown>;
    /// Ends the process after the answer; containers go on.
    fn shutdown(&self);
}
