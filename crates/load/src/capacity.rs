//! The number of database connections: in flight, needed, and possible.

/// Share of its connections that a pool should have busy on average. With a higher share, requests
/// wait for a connection although there are enough.
const BUSY: f64 = 0.8;

/// Facts from which [`capacity`] computes numbers of connections. A fact that is not known is
/// `None`; `used` and `global_buffers` are then 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inputs {
    /// Requests a second in the load test, with and without success. Those without an answer are left out
    /// where the load test shows them.
    pub rps: Option<f64>,
    /// Share of the requests in `rps` that failed, from 0 to 1; `None` when
    /// it is not known. [`capacity`] does not use it: a failed request may hold a connection too.
    pub failed_share: Option<f64>,
    /// Mean duration of a request in the load test, in seconds.
    pub mean_s: Option<f64>,
    /// Requests a second that the application should serve; `None` stands for `rps`.
    pub target_rps: Option<f64>,
    /// Mean time for which a request holds a connection, in seconds. It is meant for a system below its limit,
    /// where no request waits for a connection.
    pub hold_s: Option<f64>,
    /// True when `hold_s` is the longest time that is possible, because no time below the limit is known.
    pub hold_at_most: bool,
    /// Memory of the database's machine, in bytes.
    pub memory: Option<f64>,
    /// Memory of the database's machine that the operating system and other programs use, in bytes.
    pub used: f64,
    /// Memory for buffers that all connections of the database share, in bytes.
    pub global_buffers: f64,
    /// Memory for the buffers of one connection, in bytes.
    pub per_connection: Option<f64>,
    /// Largest number of connections that the database's settings allow.
    pub max_connections: Option<u64>,
    /// True when a load test gave the rate or a duration. [`capacity`] does not use it: the result then holds for
    /// requests that cost as much as those of the test.
    pub of_load_test: bool,
    /// Number of application processes, each with its own pool. [`capacity`] does not use it: its
    /// numbers are for all pools together.
    pub instances: u64,
}

/// Numbers of database connections, for all pools together, that [`capacity`] computes. A number is
/// `None` when a fact that it needs is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Mean number of requests under way at the same time in the test: `rps` times `mean_s`
    /// (Little's law). It includes requests that wait, so fewer connections may be enough.
    pub in_flight: Option<f64>,
    /// Connections that the wanted rate needs: `target_rps` (or else `rps`) times `hold_s`, with a
    /// fifth of them free, rounded up. With [`Inputs::hold_at_most`], fewer may be enough.
    pub needed: Option<u64>,
    /// Connections that the database can hold: the smaller one of `by_memory` and
    /// `max_connections`, or the one that is known. It is `None` when neither is known.
    pub possible: Option<u64>,
    /// Connections for which the database has memory: `memory` less `used` and `global_buffers`,
    /// divided by `per_connection`, rounded down. It is 0 when no memory is left.
    pub by_memory: Option<u64>,
    /// The fact that limits the connections; `None` unless both `needed` and `possible` are known. With
    /// [`Inputs::hold_at_most`], it is also `None` when `needed` is greater than `possible`.
    pub binds: Option<Binds>,
}

/// The fact that limits the number of connections to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// The application's need: the database can hold as many connections or more.
    Need,
    /// The database's memory: it is enough for fewer connections than the application needs. When
    /// `max_connections` is the same number, this is the variant too.
    Memory,
    /// The database's settings: they allow fewer connections than the application needs. Its memory
    /// is enough for more, or is not known.
    MaxConnections,
}

/// Computes the numbers of connections that are in flight, needed and possible from the facts in
/// `known`. See [`Capacity`] for the formulas.
///
/// ```
/// use spikeflame_load::capacity::{Inputs, capacity};
///
/// let known = Inputs { rps: Some(100.0), mean_s: Some(0.5), ..Inputs::default() };
/// assert_eq!(capacity(&known).in_flight, Some(50.0));
/// assert_eq!(capacity(&known).possible, None);
/// ```
pub fn capacity(known: &Inputs) -> Capacity {
    let in_flight = known.rps.zip(known.mean_s).map(|(rps, mean)| rps * mean);
    let target = known.target_rps.or(known.rps);
    let needed = target.zip(known.hold_s).map(|(rps, hold)| whole((rps * hold / BUSY).ceil()));
    let by_memory = known
        .memory
        .zip(known.per_connection)
        .map(|(memory, each)| whole(((memory - known.used - known.global_buffers) / each).floor()));
    let possible = match (by_memory, known.max_connections) {
        (Some(memory), Some(limit)) => Some(memory.min(limit)),
        (memory, limit) => memory.or(limit),
    };
    let binds = needed.zip(possible).and_then(|(needed, possible)| match by_memory {
        _ if needed <= possible => Some(Binds::Need),
        _ if known.hold_at_most => None,
        Some(memory) if memory <= possible => Some(Binds::Memory),
        _ => Some(Binds::MaxConnections),
    });
    Capacity { in_flight, needed, possible, by_memory, binds }
}

/// Returns a whole number of connections. NaN and negative numbers become 0.
fn whole(value: f64) -> u64 {
    if value > 0.0 { value as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: f64 = 1e6;

    #[test]
    fn the_seed_has_two_examples() {
        let flight = Inputs { rps: Some(390.0), mean_s: Some(1.71), ..Inputs::default() };
        assert_eq!(capacity(&flight).in_flight.map(f64::round), Some(667.0));
        let memory = Inputs {
            memory: Some(1024.0 * MB),
            used: 700.0 * MB,
            global_buffers: 50.0 * MB,
            per_connection: Some(2.0 * MB),
            ..Inputs::default()
        };
        assert_eq!(capacity(&memory).possible, Some(137));
        let limited = Inputs { max_connections: Some(100), ..memory };
        assert_eq!(capacity(&limited).possible, Some(100));
    }

    #[test]
    fn the_least_that_is_needed_leaves_room_for_chance() {
        let known = Inputs {
            rps: Some(390.0),
            target_rps: Some(500.0),
            hold_s: Some(0.04),
            max_connections: Some(30),
            ..Inputs::default()
        };
        let found = capacity(&known);
        assert_eq!((found.needed, found.binds), (Some(25), Some(Binds::Need)));
        let less = Inputs { max_connections: Some(20), ..known };
        assert_eq!(capacity(&less).binds, Some(Binds::MaxConnections));
        // Perhaps fewer are needed.
        assert_eq!(capacity(&Inputs { hold_at_most: true, ..less }).binds, None);
        let none = Inputs { memory: Some(1.0), per_connection: Some(2.0), ..less };
        assert_eq!(
            (capacity(&none).possible, capacity(&none).binds),
            (Some(0), Some(Binds::Memory))
        );
        assert_eq!(capacity(&Inputs::default()).needed, None);
    }
}
