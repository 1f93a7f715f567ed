//! The step budget of one validation.

use serde_json::Value;

/// The error of a validation that takes too many steps or nests too deeply. Its result is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// The number of steps that are left. A step examines one keyword or value, and takes about 30 ns.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    /// The minimum budget, regardless of schema and value.
    const LEAST: usize = 1_000_000;
    /// The maximum budget. This number of steps takes about half a second.
    const MOST: usize = 20_000_000;

    /// Creates a budget that is linear in the size of the arguments times the size of the schema, within bounds.
    pub(crate) fn for_cost(cost: usize) -> Self {
        Self { left: cost.saturating_mul(16).clamp(Self::LEAST, Self::MOST) }
    }

    #[cfg(test)]
    pub(crate) const fn of(left: usize) -> Self {
        Self { left }
    }

    #[cfg(test)]
    pub(crate) const fn left(&self) -> usize {
        self.left
    }

    pub(crate) const fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }
}

/// Returns the size of values: the number of their nodes, plus a sixteenth of the bytes of their strings.
pub(crate) fn weight<'v>(values: impl IntoIterator<Item = &'v Value>) -> usize {
    let mut total = 0;
    let mut waiting: Vec<&Value> = values.into_iter().collect();
    while let Some(value) = waiting.pop() {
        total += 1;
        match value {
            Value::String(text) => total += text.len() / 16,
            Value::Array(items) => waiting.extend(items),
            Value::Object(map) => {
                total += map.keys().map(|key| key.len() / 16).sum::<usize>();
                waiting.extend(map.values());
            }
            _ => {}
        }
    }
    total
}
