mod catalogue;
mod policies;
mod timetable;
mod transfer;
