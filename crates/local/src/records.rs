//! Locks of environments and release records, one file each.

use std::io;
use std::sync::Mutex;

use jiff::Timestamp;
use seaway_cloud::Lock;
use seaway_cloud::LockOwner;
use seaway_cloud::Outcome;
use seaway_cloud::ReleaseRecord;
use seaway_cloud::ReleaseSummary;

use crate::lock::lock;
use crate::store::Store;

/// Ticks a second in `/proc/PID/stat`: 100 on x86 and Arm, whatever the kernel's own clock.
const USER_HZ: u64 = 100;
/// So many releases of an environment are kept: each has all of its templates.
const KEPT: u64 = 200;
/// So many more may be there before the oldest are removed.
const SPARE: u64 = 20;

/// The records of all environments on this machine.
pub(crate) struct Records {
    store: Store,
    /// Held while a lock is looked at and taken.
    guard: Mutex<()>,
}

impl Records {
    /// Opens them.
    pub(crate) fn open(store: Store) -> Records {
        Records { store, guard: Mutex::new(()) }
    }

    /// Takes the lock of an environment, or says who has it. The lock of a process that is no
    /// more is taken over.
    pub(crate) fn acquire(&self, app: &str, env: &str, owner: &LockOwner) -> io::Result<Lock> {
        let _guard = lock(&self.guard);
        let name = lock_name(app, env);
        if let Some(held) = self.store.load::<LockOwner>(&name)?
            && held.id != owner.id
            && owner_lives(&held)
        {
            return Ok(Lock::Held(held));
        }
        self.store.save(&name, owner)?;
        Ok(Lock::Acquired)
    }

    /// Gives the lock back if `owner` has it.
    pub(crate) fn release(&self, app: &str, env: &str, owner: &LockOwner) -> io::Result<()> {
        let _guard = lock(&self.guard);
        let name = lock_name(app, env);
        match self.store.load::<LockOwner>(&name)? {
            Some(held) if held.id == owner.id => self.store.remove(&name),
            _ => Ok(()),
        }
    }

    /// Writes a release record.
    pub(crate) fn put_release(&self, record: &ReleaseRecord) -> io::Result<()> {
        let summary = &record.summary;
        let _guard = lock(&self.guard);
        self.store.save(&release_name(&summary.app, &summary.env, summary.number), record)?;
        if summary.number > KEPT && summary.number.is_multiple_of(SPARE) {
            self.forget_old(&summary.app, &summary.env, summary.number - KEPT)?;
        }
        Ok(())
    }

    /// Removes releases up to `last`, except the newest one that serves, or did: it is what a
    /// rollback goes to.
    fn forget_old(&self, app: &str, env: &str, last: u64) -> io::Result<()> {
        let all = self.releases(app, env)?;
        let good = all.iter().find(|one| matches!(one.outcome, Outcome::Serving | Outcome::Superseded));
        let good = good.map(|one| one.number);
        for old in all.iter().filter(|one| one.number <= last && Some(one.number) != good) {
            self.store.remove(&release_name(app, env, old.number))?;
        }
        Ok(())
    }

    /// Returns one release.
    pub(crate) fn get_release(&self, app: &str, env: &str, number: u64) -> io::Result<Option<ReleaseRecord>> {
        self.store.load(&release_name(app, env, number))
    }

    /// Returns all releases, newest first.
    pub(crate) fn releases(&self, app: &str, env: &str) -> io::Result<Vec<ReleaseSummary>> {
        let mut all = Vec::new();
        for name in self.store.list(&format!("releases/{}/{}", segment(app), segment(env)))? {
            if let Some(summary) = self.store.load::<ReleaseSummary>(&name)? {
                all.push(summary);
            }
        }
        all.sort_by_key(|summary| std::cmp::Reverse(summary.number));
        Ok(all)
    }
}

fn lock_name(app: &str, env: &str) -> String {
    format!("locks/{}/{}", segment(app), segment(env))
}

fn release_name(app: &str, env: &str, number: u64) -> String {
    format!("releases/{}/{}/{number}", segment(app), segment(env))
}

/// Returns a name as one segment of a path: what is no plain name is written in hexadecimal.
fn segment(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("_{}", hex::encode(name))
    }
}

/// Returns true when the process that took a lock is still there. After a restart of the machine
/// another one may have its id.
fn owner_lives(owner: &LockOwner) -> bool {
    // The start of a process is known to a hundredth of a second, that of the machine to a second.
    let slack = jiff::SignedDuration::from_secs(2);
    process_lives(owner.pid) && process_start(owner.pid).is_none_or(|start| start <= owner.since + slack)
}

/// Returns when a process started, where the system tells (proc(5), `/proc/PID/stat` field 22 and
/// `btime` of `/proc/stat`).
fn process_start(pid: u32) -> Option<Timestamp> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field, the name, is in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    let system = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: i64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let seconds = ticks / USER_HZ;
    Timestamp::from_second(boot.checked_add(i64::try_from(seconds).ok()?)?).ok()
}

/// Returns true when there is a process with this id.
pub(crate) fn process_lives(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    // Not permitted means that it is there and somebody else's.
    !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use indexmap::IndexMap;

    use super::*;

    fn records(dir: &tempfile::TempDir) -> Records {
        Records::open(Store::open(Utf8Path::from_path(dir.path()).expect("utf-8")).expect("open"))
    }

    fn owner(id: &str, pid: u32) -> LockOwner {
        LockOwner {
            id: id.into(),
            who: "me@here".into(),
            pid,
            action: "up".into(),
            run_url: None,
            since: Timestamp::now(),
        }
    }

    #[test]
    fn a_lock_has_one_living_owner() {
        let dir = tempfile::tempdir().expect("temp dir");
        let records = records(&dir);
        let here = std::process::id();
        let mut child = std::process::Command::new("true").spawn().expect("spawn");
        child.wait().expect("wait");
        let dead = owner("dead", child.id());
        assert_eq!(records.acquire("shop", "local", &dead).expect("acquire"), Lock::Acquired);
        assert_eq!(records.acquire("shop", "local", &owner("a", here)).expect("acquire"), Lock::Acquired);
        assert_eq!(records.acquire("shop", "local", &owner("a", here)).expect("acquire"), Lock::Acquired);
        let held = records.acquire("shop", "local", &owner("b", here)).expect("acquire");
        assert!(matches!(held, Lock::Held(held) if held.id == "a"));
        assert_eq!(records.acquire("shop", "../x", &owner("b", here)).expect("acquire"), Lock::Acquired);
        records.release("shop", "local", &owner("b", here)).expect("release");
        assert!(matches!(
            records.acquire("shop", "local", &owner("b", here)).expect("acquire"),
            Lock::Held(_)
        ));
        records.release("shop", "local", &owner("a", here)).expect("release");
        assert_eq!(records.acquire("shop", "local", &owner("b", here)).expect("acquire"), Lock::Acquired);
    }

    #[test]
    fn a_process_with_the_id_of_a_dead_owner_does_not_hold_its_lock() {
        let dir = tempfile::tempdir().expect("temp dir");
        let records = records(&dir);
        let here = std::process::id();
        // Taken before this process began: it was another one's, before the machine was restarted.
        let before = LockOwner { since: Timestamp::UNIX_EPOCH, ..owner("before", here) };
        assert_eq!(records.acquire("shop", "local", &before).expect("acquire"), Lock::Acquired);
        assert_eq!(records.acquire("shop", "local", &owner("a", here)).expect("acquire"), Lock::Acquired);
    }

    #[test]
    fn old_releases_are_forgotten_but_not_the_last_good_one() {
        let dir = tempfile::tempdir().expect("temp dir");
        let records = records(&dir);
        for number in 1..=KEPT + 30 {
            let outcome = if number == 2 { Outcome::Serving } else { Outcome::RolledBack };
            records.put_release(&release(number, outcome)).expect("put");
        }
        let all = records.releases("shop", "local").expect("list");
        assert_eq!(all.first().map(|one| one.number), Some(KEPT + 30));
        assert_eq!(all.last().map(|one| one.number), Some(2));
        assert!(all.len() as u64 <= KEPT + SPARE + 1, "{}", all.len());
    }

    fn release(number: u64, outcome: Outcome) -> ReleaseRecord {
        let summary = ReleaseSummary {
            app: "shop".into(),
            env: "local".into(),
            number,
            outcome,
            action: "up".into(),
            reason: None,
            who: "me@here".into(),
            commit: None,
            images: IndexMap::new(),
            started: Timestamp::UNIX_EPOCH,
            finished: None,
        };
        ReleaseRecord { summary, stacks: Vec::new() }
    }

    #[test]
    fn releases_are_listed_newest_first() {
        let dir = tempfile::tempdir().expect("temp dir");
        let records = records(&dir);
        for number in [1, 2, 10] {
            records.put_release(&release(number, Outcome::Serving)).expect("put");
        }
        let numbers: Vec<u64> =
            records.releases("shop", "local").expect("list").iter().map(|release| release.number).collect();
        assert_eq!(numbers, [10, 2, 1]);
        assert!(records.get_release("shop", "local", 2).expect("get").is_some());
        assert!(records.get_release("shop", "local", 3).expect("get").is_none());
        assert!(records.releases("shop", "other").expect("list").is_empty());
    }
}
