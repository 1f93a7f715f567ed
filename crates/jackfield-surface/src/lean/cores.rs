//! Runs work on operations on all cores.

use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

use jackfield_model::{Connector, Operation};

/// The minimum number of operations for a thread.
const WORTH: usize = 32;

/// Does the work for every operation, which gets its index, and returns the results in order. `K` is state that each
/// core keeps between operations.
pub(super) fn each<K: Default, T: Send>(
    connector: &mut Connector,
    work: impl Fn(&mut K, usize, &mut Operation) -> T + Sync,
) -> Vec<T> {
    let most = connector.operations().count().div_ceil(WORTH);
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    let waiting = Mutex::new(operations.enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let (mut done, mut kept) = (Vec::new(), K::default());
        while let Some((at, operation)) = next() {
            done.push((at, work(&mut kept, at, operation)));
        }
        done
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(most);
    let mut done = thread::scope(|scope| {
        // If the system refuses a thread, the others do its work.
        let helper = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let helpers: Vec<_> = (1..cores).filter_map(helper).collect();
        let mut done = work();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}
