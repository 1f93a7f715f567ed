//! The process group of a child.

/// The process group of a child and its descendants. It is killed on drop.
pub(crate) struct Group(Option<u32>);

impl Group {
    pub(crate) const fn of(leader: Option<u32>) -> Self {
        Self(leader)
    }

    /// Kills every process of the group that is still running.
    pub(crate) fn end(&mut self) {
        #[cfg(unix)]
        {
            let id = self.0.take().and_then(|id| i32::try_from(id).ok());
            if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
                // An error means that the group is already empty.
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
