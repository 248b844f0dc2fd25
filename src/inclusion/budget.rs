/// Counts the steps of one question, and says when it is enough.
pub(super) struct Budget {
    left: u64,
}

impl Budget {
    pub(super) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// Takes some steps; `false` when there are none left.
    pub(super) fn spend(&mut self, steps: u64) -> bool {
        self.left = self.left.saturating_sub(steps);
        self.left > 0
    }

    pub(super) fn spent(&self, of: u64) -> u64 {
        of - self.left
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}
