use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Calls `work` for every item, in at most `most_cores` threads, and returns the results in the order of the items.
/// `K` is state that each thread keeps between items.
pub fn side_by_side<K: Default, I, T: Send>(
    items: impl Iterator<Item = I> + Send,
    most_cores: usize,
    work: impl Fn(&mut K, I) -> T + Sync,
) -> Vec<T> {
    let waiting = Mutex::new(items.enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        let (mut done, mut kept) = (Vec::new(), K::default());
        while let Some((at, item)) = next() {
            done.push((at, work(&mut kept, item)));
        }
        done
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(most_cores);
    let mut done = thread::scope(|scope| {
        // If the system refuses to start a thread, the other threads process its items.
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

#[cfg(test)]
mod tests {
    use super::side_by_side;

    #[test]
    fn parallel_results_are_in_the_order_of_the_inputs() {
        for most_cores in [0, 1, 8] {
            let doubled = side_by_side(0..1_000, most_cores, |count: &mut usize, item| {
                *count += 1;
                (item * 2, *count <= 1_000)
            });
            assert!(doubled.into_iter().eq((0..1_000).map(|item| (item * 2, true))));
        }
    }
}
