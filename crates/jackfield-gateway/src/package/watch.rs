//! Watches a program in quarantine for limits that the kernel has for single processes only, and for users other than root.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::processes::{GroupUse, group_use};
use super::scratch::is_full;
use crate::wire::group::Group;

/// How often the processes are counted.
const PAUSE: Duration = Duration::from_millis(20);
/// How often all processes of the system are searched, instead of only the younger ones, and the files are counted.
const WHOLE: u32 = 16;

/// The limits of all processes of a program together.
#[derive(Clone, Debug)]
pub(super) struct WatchLimits {
    pub(super) threads: u64,
    /// Memory in MiB.
    pub(super) memory: u64,
    /// The folder that the program may write.
    pub(super) scratch: Option<PathBuf>,
}

/// Ends a process group that exceeds a limit, until this value is dropped. The group is watched in a thread of its own, because a program that starts many
/// processes leaves little time to others.
pub(super) struct Watch {
    exceeded: watch::Receiver<Option<String>>,
    watched: Arc<Watched>,
}

#[derive(Default)]
struct Watched {
    /// The id of the group. 0 before the program has started.
    group: AtomicU32,
    is_over: AtomicBool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.watched.is_over.store(true, Ordering::Relaxed);
    }
}

impl Watch {
    /// Begins to watch.
    pub(super) fn start(limits: WatchLimits) -> Self {
        let (tell, exceeded) = watch::channel(None);
        let watched = Arc::<Watched>::default();
        let shared = Arc::clone(&watched);
        std::thread::spawn(move || {
            let mut round: u32 = 0;
            while !shared.is_over.load(Ordering::Relaxed) {
                round = round.wrapping_add(1);
                let group = shared.group.load(Ordering::Relaxed);
                if group != 0
                    && let Some(why) = limits.exceeded(group, round.is_multiple_of(WHOLE))
                {
                    tell.send_replace(Some(why));
                    Group::of(Some(group)).end();
                    return;
                }
                std::thread::sleep(PAUSE);
            }
        });
        Self { exceeded, watched }
    }

    /// Watches this process group from now on.
    pub(super) fn follow(&self, group: u32) {
        self.watched.group.store(group, Ordering::Relaxed);
    }

    /// Waits until no process of the group runs any more.
    pub(super) async fn ended(&self) {
        let group = self.watched.group.load(Ordering::Relaxed);
        while group != 0 && group_use(group, true).threads > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the program has exceeded a limit, and was ended. Returns which limit.
    pub(super) async fn exceeded(&self) -> String {
        match self.exceeded.clone().wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            // The thread has ended without a reason, so there will be none.
            Err(_) => std::future::pending().await,
        }
    }
}

impl WatchLimits {
    fn exceeded(&self, group: u32, is_whole: bool) -> Option<String> {
        let GroupUse { threads, memory } = group_use(group, is_whole);
        if threads > self.threads {
            return Some(format!("it started more than {} processes and threads", self.threads));
        }
        if memory >> 20 > self.memory {
            return Some(format!("it used more than {} MB of memory", self.memory));
        }
        let scratch = self.scratch.as_ref().filter(|_| is_whole)?;
        is_full(scratch)
    }
}
