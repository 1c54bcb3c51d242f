//! The lock of an environment: an object that only one writer can make.

use jiff::SignedDuration;
use jiff::Timestamp;
use seaway_cloud::CloudError;
use seaway_cloud::ErrorKind;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::Result;

use super::keys;
use super::objects::Only;
use crate::AwsCloud;

/// A lock older than this is taken over: CloudFormation lets no service take longer than 36 hours. What
/// its owner left behind sooner needs [`AwsCloud::break_lock`].
const LOCK_HOURS: i64 = 36;
/// Attempts against others who want it at the same moment.
const ATTEMPTS: u32 = 5;

/// Returns true when the lock of `held` may be taken by `owner`.
fn may_take(held: &LockOwner, owner: &LockOwner, now: Timestamp, lives: impl Fn(u32) -> bool) -> bool {
    if held.id == owner.id {
        return true;
    }
    if now.duration_since(held.since) > SignedDuration::from_hours(LOCK_HOURS) {
        return true;
    }
    // On the same machine a dead owner can be told from a living one. Not in CI: there, machines of
    // the same name come and go.
    let at_home = held.run_url.is_none() && owner.run_url.is_none();
    at_home && held.who == owner.who && held.pid != owner.pid && !lives(held.pid)
}

fn process_lives(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // Not permitted means that it is there and somebody else's.
    !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

impl AwsCloud {
    pub(super) async fn take_lock(&self, app: &str, env: &str, owner: &LockOwner) -> Result<Lock> {
        let key = keys::lock(app, env);
        let operation = format!("lock {app} in {env}");
        let bytes = serde_json::to_vec_pretty(owner)
            .map_err(|error| CloudError::new(ErrorKind::Internal, &operation, error.to_string()))?;
        for _ in 0..ATTEMPTS {
            if self.put_object(&key, bytes.clone(), &Only::IfAbsent).await? {
                return Ok(Lock::Acquired);
            }
            // Given back between the two calls: once more.
            let Some(object) = self.get_object(&key).await? else { continue };
            let Ok(held) = serde_json::from_slice::<LockOwner>(&object.bytes) else {
                return Err(CloudError::new(
                    ErrorKind::Internal,
                    operation,
                    format!("{key} is no lock of ours"),
                )
                .hint(format!("delete the object {key} of bucket {}", self.bucket)));
            };
            if !may_take(&held, owner, Timestamp::now(), process_lives) {
                return Ok(Lock::Held(held));
            }
            if self.put_object(&key, bytes.clone(), &Only::IfMatches(object.tag)).await? {
                return Ok(Lock::Acquired);
            }
        }
        Err(CloudError::new(ErrorKind::Conflict, operation, "many others want it at the same moment")
            .hint("try again"))
    }

    pub(super) async fn give_lock_back(&self, app: &str, env: &str, owner: &LockOwner) -> Result<()> {
        let key = keys::lock(app, env);
        let Some(object) = self.get_object(&key).await? else { return Ok(()) };
        match serde_json::from_slice::<LockOwner>(&object.bytes) {
            Ok(held) if held.id == owner.id => self.delete_object(&key, &object.tag).await,
            _ => Ok(()),
        }
    }

    /// Takes the lock away from whoever has it, and returns who that was: for an owner that died on
    /// another machine. A lock that changes hands meanwhile stays.
    ///
    /// # Errors
    /// Those of the bucket.
    pub async fn break_lock(&self, app: &str, env: &str) -> Result<Option<LockOwner>> {
        let key = keys::lock(app, env);
        let Some(object) = self.get_object(&key).await? else { return Ok(None) };
        self.delete_object(&key, &object.tag).await?;
        Ok(serde_json::from_slice(&object.bytes).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(id: &str, who: &str, pid: u32, run_url: Option<&str>, since: Timestamp) -> LockOwner {
        LockOwner {
            id: id.into(),
            who: who.into(),
            pid,
            action: "up".into(),
            run_url: run_url.map(str::to_owned),
            since,
        }
    }

    #[test]
    fn who_may_take_it() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let hour = SignedDuration::from_hours(1);
        let me = owner("me", "me@here", 2, None, now);
        let held = |id, who, url, hours: i32| owner(id, who, 1, url, now - hour * hours);
        let dead = |_| false;
        let alive = |_| true;
        assert!(may_take(&held("me", "me@here", None, 1), &me, now, alive), "it is mine");
        assert!(!may_take(&held("b", "me@here", None, 1), &me, now, alive), "it is held");
        assert!(may_take(&held("b", "me@here", None, 1), &me, now, dead), "its owner died here");
        assert!(!may_take(&held("b", "me@there", None, 1), &me, now, dead), "another machine");
        let ci = Some("https://ci.example.test/1");
        assert!(!may_take(&held("b", "me@here", ci, 1), &me, now, dead), "a machine of CI");
        assert!(!may_take(&held("b", "me@there", ci, 36), &me, now, dead), "not old enough");
        assert!(may_take(&held("b", "me@there", ci, 37), &me, now, alive), "too old");
    }

    #[test]
    fn processes() {
        assert!(process_lives(std::process::id()));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert!(!process_lives(child.id()));
    }
}
