mod catalogue;
mod policies;
mod setup;
mod timetable;
mod transfer;
