//! The differences between two lists.

/// Returns the items that only the first list has, and the items that only the second list has, each in the order of its list.
pub(crate) fn differing<'l, T: Ord>(before: &'l [T], after: &'l [T]) -> (Vec<&'l T>, Vec<&'l T>) {
    let only = |list: &'l [T], other: &'l [T]| {
        let mut left: std::collections::BTreeMap<&T, usize> = std::collections::BTreeMap::new();
        other.iter().for_each(|item| *left.entry(item).or_default() += 1);
        let is_only = |item: &&T| match left.get_mut(*item) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        list.iter().filter(is_only).collect()
    };
    (only(before, after), only(after, before))
}

#[cfg(test)]
mod tests {
    use super::differing;

    #[test]
    fn lists_with_repeated_items_differ_by_their_counts() {
        assert_eq!(differing(&["a", "b", "b"], &["b", "c"]), (vec![&"a", &"b"], vec![&"c"]));
    }
}
