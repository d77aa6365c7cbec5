//! What is being done, for the words of an error: the function that reads or writes, by its name in the code. Whoever finds the error in
//! the log finds the function by it.

use std::any::type_name;
use std::cell::Cell;

thread_local! {
    static UNDER_WAY: Cell<&'static str> = const { Cell::new("") };
}

/// Something that is read or written on this thread, until this is dropped.
pub(in crate::store) struct Operation {
    /// What it is part of; mostly nothing.
    around: &'static str,
}

impl Operation {
    /// Begins what `body` does.
    pub(in crate::store) fn of<B>(_body: &B) -> Operation {
        Operation { around: UNDER_WAY.replace(function(type_name::<B>())) }
    }

    /// The name of what is under way on this thread; empty when nothing is.
    pub(in crate::store) fn name() -> &'static str {
        UNDER_WAY.get()
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        UNDER_WAY.set(self.around);
    }
}

/// The function in which a closure stands: of `program::actions::activities::withdraw::{{closure}}` what is between the name of the program
/// and the closure, without the types that it was made for.
fn function(body: &'static str) -> &'static str {
    let path = body.trim_start_matches(['&', '<']);
    let path = path.split(['<', '{', '>', ' ']).next().unwrap_or_default();
    path.split_once("::").map_or(path, |(_, within)| within).trim_end_matches(':')
}
