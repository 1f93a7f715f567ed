//! Processes operations on all CPU cores.

use jackfield_model::{Connector, Operation, side_by_side};

/// The minimum number of operations for each thread.
const WORTH: usize = 32;

/// Returns the number of threads for this number of operations, or of other items that take similar work.
pub(crate) const fn most_for(operations: usize) -> usize {
    operations.div_ceil(WORTH)
}

/// Calls the function for every operation with its index, and returns the results in order. `K` is state that
/// each thread keeps between operations.
pub(crate) fn each<K: Default, T: Send>(
    connector: &mut Connector,
    work: impl Fn(&mut K, usize, &mut Operation) -> T + Sync,
) -> Vec<T> {
    let most = most_for(connector.operations().count());
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    side_by_side(operations.enumerate(), most, |kept, (at, operation)| work(kept, at, operation))
}
