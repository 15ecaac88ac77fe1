//! Load files to a [`Timeline`](crate::Timeline).

pub(crate) mod time;
