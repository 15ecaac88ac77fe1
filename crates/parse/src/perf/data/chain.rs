//! The addresses of a sample's stack, and the marks between them.

use super::event::RawSample;
use super::fields::Fields;

/// Entries of a chain from this value on are marks, not addresses.
const FIRST_MARK: u64 = u64::MAX - 4094;
/// After this mark comes a number that identifies a stack of a later record.
const DEFERRED: u64 = 640u64.wrapping_neg();

/// Bits of a record's `misc`: the mode of the processor.
const MODE: u16 = 7;

/// The owner of the running code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    User,
    Kernel,
    Hypervisor,
    GuestKernel,
    GuestUser,
}

impl Mode {
    pub(super) fn of_misc(misc: u16) -> Self {
        match misc & MODE {
            1 => Self::Kernel,
            3 => Self::Hypervisor,
            4 => Self::GuestKernel,
            5 => Self::GuestUser,
            _ => Self::User,
        }
    }

    fn of_mark(mark: u64) -> Option<Self> {
        Some(match mark.wrapping_neg() {
            32 => Self::Hypervisor,
            128 => Self::Kernel,
            512 | 640 => Self::User,
            2048 | 2176 => Self::GuestKernel,
            2560 => Self::GuestUser,
            _ => return None,
        })
    }
}

/// An address of a stack, and the owner of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The address within the instruction that ran.
    pub(super) at: u64,
    /// The address as it was recorded.
    pub(super) recorded: u64,
    pub(super) mode: Mode,
}

/// Adds the addresses of a sample, innermost first, from its chain or else its only address.
pub(super) fn addresses(misc: u16, sample: &RawSample<'_>, out: &mut Vec<Address>) {
    let mut mode = Mode::of_misc(misc);
    let (mut innermost, mut deferred) = (true, false);
    for recorded in Fields(sample.chain).numbers() {
        if deferred {
            deferred = false;
        } else if recorded >= FIRST_MARK {
            mode = Mode::of_mark(recorded).unwrap_or(mode);
            (innermost, deferred) = (true, recorded == DEFERRED);
        } else {
            // A caller's address is the return address, which is after the call.
            // Addresses that V8 and signals make up are exact.
            let at = if innermost { recorded } else { recorded.saturating_sub(1) };
            out.push(Address { at, recorded, mode });
            innermost = false;
        }
    }
    if let Some(at) = sample.ip.filter(|_| out.is_empty()) {
        out.push(Address { at, recorded: at, mode: Mode::of_misc(misc) });
    }
}
