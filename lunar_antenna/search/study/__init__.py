"""What a study is: file, plan, space, goals, scenarios, stages."""
