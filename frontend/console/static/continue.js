// A change of many jobs goes on by itself.

document.querySelector('[data-continue]')?.requestSubmit()
