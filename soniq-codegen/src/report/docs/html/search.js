"use strict";
(() => {
  const box = document.getElementById("search");
  const found = document.getElementById("found");
  let entries;
  // What there is to search is read when somebody first does.
  const read = () => {
    const links = new Map();
    for (const link of document.querySelectorAll("nav a")) {
      links.set(link.getAttribute("href"), link.parentElement);
    }
    return [...document.querySelectorAll("main article")].map((article) => ({
      article,
      link: links.get(`#${article.querySelector("[id]").id}`),
      text: article.textContent.toLowerCase(),
    }));
  };
  const filter = () => {
    entries ??= read();
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { article, link, text } of entries) {
      const fits = words.every((word) => text.includes(word));
      article.hidden = !fits;
      link.hidden = !fits;
      count += fits;
    }
    for (const part of document.querySelectorAll("main section, nav li:has(ul)")) {
      part.hidden = words.length > 0 && !part.querySelector("article:not([hidden]), li:not([hidden])");
    }
    found.textContent = words.length > 0 ? `${count} of ${entries.length} found` : "";
  };
  box.addEventListener("input", filter);
  // A link to what is filtered out shows everything again.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.closest("[hidden]")) {
      box.value = "";
      filter();
      target.scrollIntoView();
    }
  });
  document.getElementById("find").hidden = false;
})();
