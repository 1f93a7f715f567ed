//! Selects the best of many documents.

/// A document and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scored {
    pub(super) document: u32,
    pub(super) score: f32,
}

/// Keeps the documents with the highest scores, the best first. Documents with equal scores keep their order
/// of insertion.
pub(super) struct Top {
    most: usize,
    kept: Vec<Scored>,
}

impl Top {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Vec::with_capacity(most + 1) }
    }

    pub(super) fn insert(&mut self, scored: Scored) {
        if self.kept.len() == self.most && self.kept.last().is_none_or(|last| last.score >= scored.score) {
            return;
        }
        let at = self.kept.partition_point(|kept| kept.score >= scored.score);
        self.kept.insert(at, scored);
        self.kept.truncate(self.most);
    }

    pub(super) fn into_vec(self) -> Vec<Scored> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_search_hits_are_ordered_by_score_and_then_by_insertion() {
        let mut top = Top::new(3);
        for (document, score) in [1.0, 3.0, 2.0, 3.0, 0.5, 2.0].into_iter().enumerate() {
            top.insert(Scored { document: document as u32, score });
        }
        let documents: Vec<u32> = top.into_vec().into_iter().map(|scored| scored.document).collect();
        assert_eq!(documents, [1, 3, 2]);
    }
}
