//! The process group of a child.

/// The processes that a child and its own children form. They are ended when this is dropped.
pub(super) struct Group(Option<u32>);

impl Group {
    pub(super) const fn of(leader: Option<u32>) -> Self {
        Self(leader)
    }

    /// Ends every process of the group that still runs.
    pub(super) fn end(&mut self) {
        #[cfg(unix)]
        {
            let id = self.0.take().and_then(|id| i32::try_from(id).ok());
            if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
                // It fails only if no process is left.
                let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
