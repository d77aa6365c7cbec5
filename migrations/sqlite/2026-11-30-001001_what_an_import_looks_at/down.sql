DROP INDEX activities_waiting_of_holder;
DROP INDEX activities_over_days;
