// The shop's own small script: filters, colours of a car, the loan. The chat is another script and knows nothing of this one.
const language = document.documentElement.lang;
const number = (value) => new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(value).replace(/\u202f/g, '\u00a0');
const money = (value, currency) => {
  const sign = currency === 'GBP' ? '£' : '€';
  return language === 'fr' ? `${number(value)}\u00a0${sign}` : `${sign}${number(value)}`;
};

const filters = document.querySelector('.filters');
if (filters) {
  const found = document.querySelector('.found');
  const currency = document.body.classList.contains('northgate') ? 'GBP' : 'EUR';
  filters.addEventListener('input', () => {
    const { fuel, site, price } = filters.elements;
    filters.querySelector('output').textContent = money(Number(price.value), currency);
    let shown = 0;
    for (const card of document.querySelectorAll('#cars .card')) {
      const fits =
        (!fuel.value || card.dataset.fuel === fuel.value) &&
        (!site.value || card.dataset.site === site.value) &&
        Number(card.dataset.price) <= Number(price.value);
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    found.textContent = shown ? found.dataset.words.replace('{n}', shown) : found.dataset.none;
  });
}

for (const swatch of document.querySelectorAll('.swatch')) {
  swatch.addEventListener('click', () => {
    for (const each of document.querySelectorAll('.swatch')) each.setAttribute('aria-pressed', String(each === swatch));
    document.querySelector('#stage .paint').setAttribute('fill', swatch.dataset.colour);
  });
}

const loan = document.querySelector('.loan');
if (loan) {
  loan.addEventListener('input', () => {
    const value = (name) => Number(loan.elements[name].value);
    for (const output of loan.querySelectorAll('output')) {
      const name = output.dataset.of;
      output.textContent = name === 'months' ? String(value(name)) : money(value(name), loan.dataset.currency);
    }
    const share = Number(loan.dataset.rate) / 12;
    const lent = Math.max(0, value('amount') - value('down'));
    const paid = Math.round((lent * share) / (1 - (1 + share) ** -value('months')));
    loan.querySelector('strong').textContent = money(paid, loan.dataset.currency);
  });
}
